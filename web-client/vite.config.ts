import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => decodeURIComponent(new URL(path, import.meta.url).pathname);

/**
 * `vite build --config web-client/vite.config.ts` writes what the token server serves. `vite --config …` serves the page
 * while one works on it and hands `/token` to a token server that runs beside it.
 */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  build: {
    outDir: here('../dist/web-client'),
    emptyOutDir: true,
    // The page's security policy allows no inline data but images.
    assetsInlineLimit: 0,
    // livekit-client alone is above Vite's default of 500 kB.
    chunkSizeWarningLimit: 1_200,
  },
  server: {
    proxy: {
      // The token server refuses requests of other origins; the page under development stands in for its own.
      '/token': {
        target: 'http://127.0.0.1:3000',
        changeOrigin: true,
        headers: { origin: 'http://127.0.0.1:3000' },
      },
    },
  },
});
