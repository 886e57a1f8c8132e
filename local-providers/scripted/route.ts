import { z } from 'zod';
import { BodyError, readJson, sendJson } from '../http.js';
import type { CallLedger } from '../ledger.js';
import type { ScriptRoute } from '../server.js';
import { ScriptBody } from './script.js';
import { type ScriptStore, UnknownRecordingError } from './script-store.js';

/** A script of a whole bench call with envelopes stays far below. */
const MAX_BODY_BYTES = 8_388_608;

/**
 * `POST /script` sets what a call hears and says, `GET /script/CALL` tells what it asked for and got, `DELETE /script/CALL`
 * forgets it.
 */
export function createScriptRoute(scripts: ScriptStore, ledger: CallLedger): ScriptRoute {
  return async (request, response, path) => {
    if (path === '/script' && request.method === 'POST') {
      try {
        const body = ScriptBody.parse(await readJson(request, MAX_BODY_BYTES));
        const taken = await scripts.apply(body);
        return sendJson(response, 200, { call: body.call, ...taken });
      } catch (error) {
        if (error instanceof z.ZodError) return sendJson(response, 400, { error: z.prettifyError(error) });
        if (error instanceof UnknownRecordingError) return sendJson(response, 404, { error: error.message });
        if (error instanceof BodyError) return sendJson(response, error.status, { error: error.message });
        throw error;
      }
    }
    const call = callOf(path);
    if (call !== undefined && request.method === 'GET') {
      const counters = ledger.find(call);
      const script = scripts.find(call);
      if (counters === undefined && script === undefined) {
        return sendJson(response, 404, { error: `Nothing is known of the call "${call}".` });
      }
      return sendJson(response, 200, {
        call,
        turns: script?.turns.length ?? 0,
        turnsHeard: script?.turnsHeard ?? 0,
        ...(counters ?? ledger.of(call)),
      });
    }
    if (call !== undefined && request.method === 'DELETE') {
      scripts.forget(call);
      ledger.forget(call);
      return sendJson(response, 200, { call });
    }
    return sendJson(response, 405, { error: 'Use POST /script, GET /script/CALL or DELETE /script/CALL.' });
  };
}

function callOf(path: string): string | undefined {
  const name = path.slice('/script/'.length);
  try {
    return name === '' ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
