/** `npm run call -- FILE…`: places a real call from the terminal. */

// The WebRTC library logs its inner life to stdout unless this says otherwise, and reads it when it is first imported.
process.env.NODE_ENV ??= 'production';
const { main } = await import('./call/main.js');
process.exitCode = await main(process.argv.slice(2), process.env);
// The library's native threads would hold the process; all that had to be written has been.
process.exit();
