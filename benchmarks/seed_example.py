"""The FastAPI example of the streaming guide evochat was made from, to compare with.

Line for line what the guide shows: a client per request, an event per chunk. Two things differ:
the client is OpenAI's own (the guide's wraps it, and exchanges keys first, which costs more), and
the address comes from the environment.

    EVOLUTION_BASE_URL=… uvicorn benchmarks.seed_example:app
"""

import json
import os
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI

app = FastAPI()


@app.get("/stream")
async def stream_endpoint(message: str = "Привет!") -> StreamingResponse:
    """Stream the answer to `message` as server-sent events."""

    async def generate() -> AsyncIterator[str]:
        try:
            async with AsyncOpenAI(
                api_key="a-key", base_url=os.environ["EVOLUTION_BASE_URL"]
            ) as client:
                stream = await client.chat.completions.create(
                    model=os.environ["EVOLUTION_MODEL"],
                    messages=[{"role": "user", "content": message}],
                    stream=True,
                )
                async for chunk in stream:
                    if chunk.choices[0].delta.content:
                        data = {"content": chunk.choices[0].delta.content, "done": False}
                        yield f"data: {json.dumps(data)}\n\n"
                yield f"data: {json.dumps({'done': True})}\n\n"
        except Exception as e:  # noqa: BLE001 -- as the guide does
            error_data = {"error": str(e)}
            yield f"data: {json.dumps(error_data)}\n\n"

    return StreamingResponse(
        generate(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "Connection": "keep-alive"},
    )
