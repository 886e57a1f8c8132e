/**
 * A tiny program for the launcher's tests. Arguments: PORT [OPTION...]; options: `stubborn` ignores SIGTERM, `dies` ends with
 * code 3 before it is ready, `parent` starts a stubborn child. `GET /die` ends it with code 4.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const [port, ...options] = process.argv.slice(2);
console.log(JSON.stringify({ level: 30, time: 0, msg: `pid ${process.pid}` }));
if (options.includes('dies')) {
  console.error('the cellar is flooded');
  process.exit(3);
}
process.on('SIGTERM', () => {
  console.log('asked to stop');
  if (!options.includes('stubborn')) process.exit(0);
});
if (options.includes('parent')) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '0', 'stubborn'], { stdio: 'ignore' });
  console.log(`child ${child.pid}`);
}
createServer((request, response) => {
  if (request.url === '/die') {
    console.error('out of coffee');
    process.exit(4);
  }
  response.end('ok');
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
