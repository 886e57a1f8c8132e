"""A voice agent as Pipecat's own example over LiveKit has one write it, on pipecat-ai 1.14.0: the arm ``pipecat``.

Everything is left as it is but two things, its fastest documented mode: text goes to the voice by token
(``TextAggregationMode.TOKEN``; by sentence, the default, costs 200 to 300 ms by its own account), and the greeting is
said at once where the example waits a second. By default Silero finds speech, at whose end ``Finalize`` is sent to
the recogniser, and Smart Turn v3.2 the end of a turn; the weights of both lie in the wheel of pipecat-ai, nothing is
downloaded.

Pipecat has no dispatch. A process holds any number of calls, as its development runner does, and is told of each by a
line of JSON on standard input: ``{"room": "...", "token": "..."}``. It ends with that input, or at SIGTERM.
"""

import asyncio
import contextlib
import os
import signal
import sys

from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.tts_service import TextAggregationMode
from pipecat.transports.livekit.transport import LiveKitParams, LiveKitTransport
from pipecat.workers.runner import WorkerRunner
from pydantic import BaseModel, Field, ValidationError

VOICE = "86e30c1d-714b-4074-a1f2-1cb6b552fb49"
"""The voice of Pipecat's example; its service has none by default."""

READY_LINE = "python arm ready"
"""Written to standard output once calls are taken; bench/python/process.ts waits for it."""


class Invitation(BaseModel):
    """A call to join."""

    room: str = Field(min_length=1)
    token: str = Field(min_length=1)


async def hold_call(invitation: Invitation) -> None:
    """Join a room, and leave it when its first participant does."""
    environment = os.environ
    transport = LiveKitTransport(
        url=environment["LIVEKIT_URL"],
        token=invitation.token,
        room_name=invitation.room,
        params=LiveKitParams(audio_in_enabled=True, audio_out_enabled=True),
    )
    stt = DeepgramSTTService(api_key=environment["DEEPGRAM_API_KEY"], base_url=environment["DEEPGRAM_BASE_URL"])
    llm = OpenAILLMService(
        api_key=environment["OPENAI_API_KEY"],
        base_url=environment["OPENAI_BASE_URL"],
        settings=OpenAILLMService.Settings(system_instruction=environment["AGENT_INSTRUCTIONS"]),
    )
    tts = CartesiaTTSService(
        api_key=environment["CARTESIA_API_KEY"],
        # The service opens a WebSocket at exactly this address.
        url=f"{environment['CARTESIA_BASE_URL'].replace('http', 'ws', 1)}/tts/websocket",
        text_aggregation_mode=TextAggregationMode.TOKEN,
        settings=CartesiaTTSService.Settings(voice=VOICE),
    )
    user, assistant = LLMContextAggregatorPair(
        LLMContext(),
        user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer()),
    )
    worker = PipelineWorker(
        Pipeline([transport.input(), stt, user, llm, tts, transport.output(), assistant]),
    )

    caller = ""

    async def greet(_: LiveKitTransport, participant: str) -> None:
        nonlocal caller
        caller = participant
        await worker.queue_frame(TTSSpeakFrame(environment["AGENT_GREETING"]))

    async def leave(_: LiveKitTransport, participant: str, __: str) -> None:
        # A witness of the bench may leave before the caller does.
        if participant == caller:
            await worker.cancel()

    transport.add_event_handler("on_first_participant_joined", greet)
    transport.add_event_handler("on_participant_left", leave)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


async def hold_call_alone(invitation: Invitation) -> None:
    """Hold a call whose failure ends no other."""
    try:
        await hold_call(invitation)
    except Exception:  # noqa: BLE001
        logger.exception("The call in {} failed", invitation.room)


async def take_calls(lines: asyncio.StreamReader) -> None:
    """Hold a call for each line, until there are no more. A line that is no invitation is told and passed over."""
    async with asyncio.TaskGroup() as calls:
        while line := await lines.readline():
            try:
                invitation = Invitation.model_validate_json(line)
            except ValidationError as error:
                # Without the input: it may hold a token.
                logger.error("No invitation: {}", error.errors(include_input=False, include_url=False))
            else:
                calls.create_task(hold_call_alone(invitation))


async def main() -> None:
    """Say that calls are taken, and take them."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    taking = asyncio.create_task(take_calls(lines))
    loop.add_signal_handler(signal.SIGTERM, taking.cancel)
    sys.stdout.write(f"{READY_LINE}\n")
    sys.stdout.flush()
    with contextlib.suppress(asyncio.CancelledError):
        await taking


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    asyncio.run(main())
