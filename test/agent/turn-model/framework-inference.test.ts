import { AgentServer, InferenceRunner, initializeLogger, ServerOptions } from '@livekit/agents';
import { describe, expect, it } from 'vitest';
import { keepFrameworkFromLoadingTurnModel } from '../../../agent/turn-model/framework-inference.js';

describe('the framework', () => {
  it('finds its turn model registered, and no runner to start a process for', () => {
    keepFrameworkFromLoadingTurnModel();
    keepFrameworkFromLoadingTurnModel();
    initializeLogger({ pretty: false, level: 'silent' });
    new AgentServer(
      new ServerOptions({ agent: 'unused.js', wsURL: 'ws://127.0.0.1:9', apiKey: 'key', apiSecret: 'secret', port: 9 }),
    );
    // What the constructor starts a process for (ipc/inference_proc_executor.ts:61 of 1.8.1).
    expect(Object.keys(InferenceRunner.registeredRunners)).toEqual([]);
  });
});
