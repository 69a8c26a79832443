import { type ColumnDef, type SortingState, flexRender, getCoreRowModel, getSortedRowModel, useReactTable } from "@tanstack/react-table";
import { useState } from "react";

export type Column<T> = ColumnDef<T, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

/** A table whose columns sort; numbers stand right. */
export function Table<T>({ rows, columns, label, numeric = [], initial = [] }: { rows: T[]; columns: Column<T>[]; label: string; numeric?: string[]; initial?: SortingState }) {
  const [sorting, setSorting] = useState<SortingState>(initial);
  const table = useReactTable({ data: rows, columns, state: { sorting }, onSortingChange: setSorting, getCoreRowModel: getCoreRowModel(), getSortedRowModel: getSortedRowModel() });
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="data">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((head) => {
                const sorted = head.column.getIsSorted();
                return (
                  <th key={head.id} className={numeric.includes(head.column.id) ? "num" : ""} aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}>
                    {head.column.getCanSort() ? (
                      <button type="button" className="sort" onClick={head.column.getToggleSortingHandler()}>
                        {flexRender(head.column.columnDef.header, head.getContext())} {sorted === "asc" ? "↑" : sorted === "desc" ? "↓" : ""}
                      </button>
                    ) : (
                      flexRender(head.column.columnDef.header, head.getContext())
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {row.getVisibleCells().map((cell) => (
                <td key={cell.id} className={numeric.includes(cell.column.id) ? "num" : ""}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
