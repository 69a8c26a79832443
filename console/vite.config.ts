import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built app goes into the Python package; names of assets change with their content, so browsers keep them.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/labelwright/entry/console/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": process.env.LABELWRIGHT_API ?? "http://127.0.0.1:8000" } },
});
