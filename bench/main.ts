/** `npm run bench -- SUITE`. */

// The WebRTC library logs its inner life to stdout unless this says otherwise, and reads it when it is first imported.
process.env.NODE_ENV ??= 'production';
const { main } = await import('./suites.js');
process.exitCode = await main(process.argv.slice(2));
// The library's native threads would hold the process; all that had to be written has been.
process.exit();
