/** Makes what a command needs: `node scripts/setup.mjs --for start`. Called by the pre-scripts of package.json. */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `turnwise: Node.js ${process.versions.node} is too old; 20.19 or newer is needed (https://nodejs.org). Install it, then start again.`,
  );
  process.exit(1);
}

// Loaded after the check above: an old Node could not even read them.
const { setup } = await import('./lib/setup.mjs');
const { exitWith, Failure } = await import('./lib/failure.mjs');

const args = process.argv.slice(2);
const at = args.indexOf('--for');
try {
  if (args.includes('--help')) {
    console.log(
      'Usage: node scripts/setup.mjs [--for start|test|check|call|calls|bench|worker|token-server|local-providers|build]',
    );
  } else if (at === -1 ? args.length > 0 : args.length !== 2) {
    throw new Failure('Usage: node scripts/setup.mjs [--for COMMAND]; --help names the commands.');
  } else {
    await setup(at === -1 ? 'start' : args[at + 1]);
  }
} catch (error) {
  exitWith(error);
}
