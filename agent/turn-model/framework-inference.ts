/**
 * Keeps @livekit/agents 1.8.1 from loading v1-mini a second time. Its `AgentServer` registers a runner for the model unless
 * one stands there, and starts an inference process for all runners that can be listed (worker.ts:66 and :399,
 * ipc/inference_proc_executor.ts:61). A name that stands there and is not listed means neither: no process of 329 MB, and
 * none whose end, which the framework never mends, would make its health page answer 503 for good (worker.ts:419).
 */
import { InferenceRunner } from '@livekit/agents';

/** The framework's name for the model (inference/eot/runner.ts:20 of 1.8.1). */
const METHOD = 'lk_eot_audio';

/** To be called before `AgentServer` is built. May be called twice. */
export function keepFrameworkFromLoadingTurnModel(): void {
  if (Object.hasOwn(InferenceRunner.registeredRunners, METHOD)) return;
  Object.defineProperty(InferenceRunner.registeredRunners, METHOD, {
    value: 'served by agent/turn-model',
    enumerable: false,
  });
}
