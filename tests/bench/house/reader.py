"""The same reads as in reader.mjs, the usual way with Debian's Python: uvicorn, starlette and psycopg, one pool, prepared statements."""
import base64
import contextlib
import json
import os
import re

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# psycopg's placeholders, each parameter by its number.
STATEMENTS = {name: re.sub(r"\$(\d+)", r"%(p\1)s", text.replace("%", "%%")) for name, text in json.loads(os.environ["STATEMENTS"]).items()}
POOL = AsyncConnectionPool(f"host={os.environ['SOCKET']} user=thidua_app dbname=thidua", open=False, min_size=4, max_size=4,
                           kwargs={"row_factory": dict_row, "autocommit": True, "prepare_threshold": 0})


async def run(name, *values):
    async with POOL.connection() as connection:
        cursor = await connection.execute(STATEMENTS[name], {f"p{i}": value for i, value in enumerate(values, 1)})
        return await cursor.fetchall()


def packed(row):
    return {**row, **{name: base64.b64encode(row[name]).decode("ascii") for name in ("facts", "results")}}


def body(rows):
    row = rows[0]
    return Response(row.get("body") or row.get("shown"), media_type="application/json", headers={"ETag": f'"{row["version"]}"'})


async def unit(request):
    return body(await run("unit_get", request.path_params["id"], request.query_params.get("on")))


async def units(request):
    return body(await run("unit_list", request.query_params.get("on"), None, None, None, None, None, request.query_params["limit"]))


async def verdict(request):
    at = request.path_params
    return JSONResponse(packed((await run("unit_verdict", at["code"], at["year"], at["unit"], "true", None))[0]))


async def board(request):
    at = request.path_params
    frame = json.loads((await run("board_frame", at["code"], at["year"], os.environ["ROLES"], None))[0]["json"])
    rows = await run("board_rows", frame["latest_evaluation"]["id"], at["code"], at["year"], "true", None, "201")
    return JSONResponse({**frame, "matrix": [packed(row) for row in rows]})


@contextlib.asynccontextmanager
async def opened(_application):
    await POOL.open(wait=True)
    yield
    await POOL.close()


ROUND = "/v1/campaigns/{code}/rounds/{year}"
application = Starlette(lifespan=opened, routes=[Route("/v1/units/{id}", unit), Route("/v1/units", units), Route(ROUND + "/verdicts/{unit}", verdict),
                                                 Route(ROUND + "/board", board)])
