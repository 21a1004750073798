import { defineConfig } from "vite";

// One file without dependencies, so that one script tag embeds the chat on any site.
export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  build: {
    lib: { entry: "widget/src/main.ts", formats: ["iife"], name: "BabeldeskChat", fileName: () => "widget.js" },
    outDir: "../adapters/webchat/static",
    emptyOutDir: true,
    target: "es2022",
  },
});
