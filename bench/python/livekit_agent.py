"""A voice agent as LiveKit's Python documentation has one write it, on livekit-agents 1.8.9: ``livekit-python``.

The plugins of three vendors, Silero, and every option left as it is. Left out, the turn detection is
``inference.TurnDetector``, which a worker in production mode that is not hosted on LiveKit's cloud runs as
``v1-mini``; it is named here so that nothing from outside can change that. Its weights lie in the wheel of
livekit-local-inference, Silero's in that of livekit-plugins-silero. The older livekit-plugins-turn-detector downloads
its weights from a hub once it is installed, so it is not used.

Started as the documentation has it: ``python -m livekit.agents start livekit_agent.py``.
"""

import os
import signal
import sys
import threading

from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    JobContext,
    JobProcess,
    TurnHandlingOptions,
    inference,
)
from livekit.plugins import cartesia, deepgram, openai, silero

READY_LINE = "python arm ready"
"""Written to standard output once calls are taken; bench/python/process.ts waits for it."""

INITIALIZE_TIMEOUT_S = 60.0
"""A call's process may load while the machine is busy; the framework's 10 s then end in a failure."""

DRAIN_TIMEOUT_S = 1
"""Longest wait for calls in progress once the bench ends the worker; the framework's own is half an hour."""

VAD_KEY = "vad"


def prewarm(process: JobProcess) -> None:
    """Load Silero before a call comes, as the plugin asks for."""
    process.userdata[VAD_KEY] = silero.VAD.load()


def end_with_input() -> None:
    """Wait for standard input to close, and end as at a signal from outside."""
    # Not by the buffered reader, whose lock would be held when the interpreter ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


server = AgentServer(
    host="127.0.0.1",
    port=0,
    num_idle_processes=int(os.environ.get("STOCK_WARM_PROCESSES", "1")),
    initialize_process_timeout=INITIALIZE_TIMEOUT_S,
    drain_timeout=DRAIN_TIMEOUT_S,
    setup_fnc=prewarm,
    # The framework's load is the whole machine's CPU, on which a bench is not alone: calls would be refused.
    load_fnc=lambda: 0.0,
)


@server.once("worker_registered")
def announce(*_: object) -> None:
    """Tell the bench that calls are taken, and end when it does: its end of standard input closes then."""
    threading.Thread(target=end_with_input, daemon=True).start()
    sys.stdout.write(f"{READY_LINE}\n")
    sys.stdout.flush()


@server.rtc_session(agent_name=os.environ["LIVEKIT_AGENT_NAME"])
async def answer(context: JobContext) -> None:
    """Hold one call."""
    session: AgentSession[None] = AgentSession(
        vad=context.proc.userdata[VAD_KEY],
        # The plugin opens a WebSocket at exactly this address.
        stt=deepgram.STT(base_url=f"{os.environ['DEEPGRAM_BASE_URL']}/v1/listen"),
        # Address and key are read from OPENAI_BASE_URL and OPENAI_API_KEY by the vendor's client.
        llm=openai.LLM(),
        tts=cartesia.TTS(base_url=os.environ["CARTESIA_BASE_URL"]),
        turn_handling=TurnHandlingOptions(turn_detection=inference.TurnDetector(version="v1-mini")),
    )
    await session.start(agent=Agent(instructions=os.environ["AGENT_INSTRUCTIONS"]), room=context.room)
    session.say(os.environ["AGENT_GREETING"])
