import { type ColumnDef, type SortingState, flexRender, getCoreRowModel, getSortedRowModel, useReactTable } from "@tanstack/react-table";
import { useState } from "react";
import { csv, save } from "../logic/csv";

export type Column<T> = ColumnDef<T, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

interface Props<T> {
  rows: T[];
  columns: Column<T>[];
  label: string;
  numeric?: string[];
  initial?: SortingState;
  /** Another download is beside it: the server's, which has more columns or all rows. */
  elsewhere?: boolean;
}

/** What a column says of a row, without its looks. */
function plain<T>(column: Column<T>, row: T, k: number): unknown {
  const given = column as { accessorFn?: (row: T, k: number) => unknown; accessorKey?: keyof T };
  return given.accessorFn ? given.accessorFn(row, k) : given.accessorKey ? row[given.accessorKey] : "";
}

/** A table whose columns sort, whose numbers stand right, and that downloads as CSV. */
export function Table<T>({ rows, columns, label, numeric = [], initial = [], elsewhere = false }: Props<T>) {
  const [sorting, setSorting] = useState<SortingState>(initial);
  const table = useReactTable({ data: rows, columns, state: { sorting }, onSortingChange: setSorting, getCoreRowModel: getCoreRowModel(), getSortedRowModel: getSortedRowModel() });
  const named = columns.filter((c) => typeof c.header === "string" && c.header);
  const download = (): void => save(label, csv(named.map((c) => String(c.header)), table.getRowModel().rows.map((r, k) => named.map((c) => plain(c, r.original, k)))));
  const body = (
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
  return elsewhere ? (
    body
  ) : (
    <div>
      {body}
      <div className="table-foot">
        <button type="button" className="button plain small" onClick={download} aria-label={`Download ${label} as CSV`}>
          ↓ CSV
        </button>
      </div>
    </div>
  );
}
