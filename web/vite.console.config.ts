import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: "console",
  base: "/console/",
  plugins: [react()],
  logLevel: "warn",
  build: {
    outDir: "../../adapters/console/static",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    chunkSizeWarningLimit: 800,
    // What most pages share is one file: in twenty small ones it would be compressed worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "shared", test: /node_modules|src\/(shared|i18n|api)\//, minShareCount: 8 }],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
