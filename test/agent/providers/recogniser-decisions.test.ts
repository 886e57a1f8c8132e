import { describe, expect, it } from 'vitest';
import { SETTINGS, World } from './recogniser-world.js';

/** A world whose first line is open, and in which nothing was said. */
function opened(settings = SETTINGS): World {
  const world = new World(settings);
  world.open();
  world.log.splice(0);
  return world;
}

/** What was done since the last time it was asked, in short. */
function done(world: World): string[] {
  return world.log.splice(0).map((action) => {
    if (action.kind === 'connect') return `connect ${action.provider}`;
    if (action.kind === 'hedged') return `hedged ${action.winner}`;
    if (action.kind === 'breaker') return `breaker ${action.state}`;
    if (action.kind === 'replay') return `replay ${action.from} [${action.finalizeAt}]`;
    return action.kind;
  });
}

/** One word that the recogniser shows after so long, and its final. */
function word(world: World, latencyMs: number): void {
  world.send(2_000);
  world.voice();
  world.send(latencyMs);
  world.speak(false);
  world.finalize();
  world.send(20);
  world.speak(true);
}

function speakOn(world: World, ms: number): void {
  for (let passed = 0; passed < ms; passed += 250) {
    world.voice();
    world.send(250);
  }
}

const without = (...names: ('deadlines' | 'hedging' | 'fallback')[]) => ({
  ...SETTINGS,
  switches: { ...SETTINGS.switches, ...Object.fromEntries(names.map((name) => [name, false])) },
});

describe('a line that says nothing to a voice', () => {
  it('is late after 900 ms at first, and another provider is asked beside it', () => {
    const world = opened();
    world.deafen();
    world.voice();
    world.send(880);
    expect(done(world)).toEqual([]);
    world.send(20);
    expect(done(world)).toEqual(['connect 1']);
  });

  it('is late after less once it is known to be quick, and after no less than 500 ms', () => {
    const world = opened();
    for (let turn = 0; turn < 8; turn += 1) word(world, 100);
    world.send(2_000);
    done(world);
    world.deafen();
    world.voice();
    world.send(480);
    expect(done(world)).toEqual([]);
    world.send(20);
    expect(done(world)).toEqual(['connect 1']);
  });

  it('is not late for a click', () => {
    const world = opened();
    world.take({ kind: 'voice', atMs: world.nowMs, position: world.audio.end });
    world.send(5_000);
    expect(done(world)).toEqual([]);
  });

  it('is believed when another one says nothing either, until voice begins anew', () => {
    const world = opened();
    world.isDeaf = () => true;
    world.deafen();
    speakOn(world, 1_000);
    world.open();
    expect(done(world)).toEqual(['connect 1', 'replay 0 []']);
    speakOn(world, 2_000);
    expect(done(world)).toEqual(['close', 'hedged none']);
    speakOn(world, 5_000);
    expect(done(world)).toEqual([]);
    world.send(2_000);
    speakOn(world, 2_500);
    expect(done(world)).toEqual(['close', 'deaf', 'connect 0']);
  });

  it('is kept when it answers first, and the other is let go', () => {
    const world = opened();
    world.voice();
    world.send(900);
    world.speak(false);
    expect(done(world)).toEqual(['connect 1', 'close', 'hedged first', 'deliver']);
  });

  it('is given up when the other answers first, and what it says later is dropped', () => {
    const world = opened();
    world.deafen();
    world.voice();
    world.send(900);
    world.open();
    world.speak(false);
    expect(done(world)).toEqual(['connect 1', 'replay 0 []', 'close', 'deaf', 'hedged second', 'deliver']);
    const sign = { hasWords: true, from: 0, until: 900, isFinal: true, isAnswer: false };
    world.take({ kind: 'results', atMs: world.nowMs, id: 1, sign });
    expect(done(world)).toEqual([]);
  });

  it('is replaced, not doubled, when the budget for second ones is spent or hedging is off', () => {
    for (const world of [opened(), opened(without('hedging'))]) {
      if (world.settings.switches.hedging) {
        world.voice();
        world.send(900);
        world.speak(true);
        world.send(2_000);
      }
      done(world);
      world.deafen();
      world.voice();
      world.send(1_980);
      expect(done(world)).toEqual([]);
      world.send(20);
      expect(done(world)).toEqual(['close', 'deaf', 'connect 0']);
    }
  });

  it('is left alone where deadlines are off', () => {
    const world = opened(without('deadlines'));
    world.deafen();
    world.voice();
    world.finalize();
    world.send(9_000);
    expect(done(world)).toEqual([]);
  });
});

describe('a Finalize without an answer', () => {
  it('is asked another line after 600 ms, where it was asked', () => {
    const world = opened();
    world.send(1_000);
    world.voice();
    world.speak(false);
    world.deafen();
    world.send(500);
    world.finalize();
    done(world);
    world.send(600);
    world.open();
    expect(done(world)).toEqual(['connect 1', 'replay 0 [1500]']);
    world.speak(true);
    expect(world.finals).toEqual([[0, 1_500]]);
    expect(world.answers).toBe(1);
  });

  it('is answered here when everything before it is final and the line is lost', () => {
    const world = opened();
    world.send(1_000);
    world.speak(true);
    world.finalize();
    world.end();
    world.pass(0);
    world.open();
    expect(world.answers).toBe(1);
    expect(done(world)).toEqual(['deliver', 'connect 0', 'failover', 'answer', 'replay 1000 []']);
  });
});

describe('a lost line', () => {
  it('is not told again of a silence that is known to be one', () => {
    const world = opened();
    world.voice();
    world.speak(true);
    world.send(6_000);
    world.end();
    world.pass(0);
    world.open();
    expect(done(world)).toContain('replay 5000 []');
  });

  it('is replaced by one whose words are passed on once they reach beyond what was shown', () => {
    const world = opened();
    world.send(1_000);
    world.speak(false);
    world.end();
    world.pass(0);
    world.open();
    done(world);
    const behind = { hasWords: true, from: 0, until: 400, isFinal: false, isAnswer: false };
    world.take({ kind: 'results', atMs: world.nowMs, id: 2, sign: behind });
    expect(done(world)).toEqual([]);
    world.take({ kind: 'results', atMs: world.nowMs, id: 2, sign: { ...behind, until: 1_000 } });
    expect(done(world)).toEqual(['deliver']);
  });

  it('has its provider asked once more, then another one, and is asked again when that fails after a rest', () => {
    const world = opened();
    world.end(true);
    world.pass(100);
    world.end(true);
    world.pass(0);
    expect(done(world)).toEqual(['connect 0', 'connect 1']);
    world.open();
    world.speak(true);
    world.end();
    world.pass(0);
    expect(done(world)).toContain('connect 1');
  });

  it('opens the breaker at the third failure, and is probed when it has rested', () => {
    const world = opened(without('fallback'));
    world.end(true);
    world.pass(100);
    world.end(true);
    world.pass(100);
    world.end(true);
    expect(done(world)).toEqual(['connect 0', 'connect 0', 'breaker open']);
    world.pass(1_000);
    expect(done(world)).toEqual(['breaker half-open', 'connect 0']);
    world.open();
    world.send(100);
    world.speak(true);
    expect(done(world)).toContain('breaker closed');
  });
});
