"""A small client of the API, which knows its traps."""

from __future__ import annotations

from typing import Any

import httpx


class GenuinError(Exception):
    """An answer other than a success. One that is not the API's, such as a gateway's page, has no code: ""."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} (HTTP {status}, code {code or 'none'})")
        self.status = status
        self.code = code

    @property
    def retryable(self) -> bool:
        # 5026 comes as HTTP 500, but the video stays missing however often it is tried
        return self.code != "5026" and (self.status == 429 or self.status >= 500)


class GenuinClient:
    def __init__(self, base_url: str, api_key: str, api_secret: str) -> None:
        self._http = httpx.Client(base_url=f"{base_url}/api/thirdparty")
        answer = self._post("/auth", {"api_key": api_key, "api_secret": api_secret})
        # the token is in a header, not in the body
        self._http.headers["Authorization"] = f"Bearer {answer.headers['gn-access-token']}"

    def create_group(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        data: dict[str, Any] = self._post("/group/create", body, headers).json()["data"]
        return data

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        answer = self._http.post(path, json=body, headers=headers)
        envelope = _envelope(answer)
        # the number 200 in a success, but a string such as "1099" in an error
        code = str(envelope.get("code", ""))
        if code != "200":
            raise GenuinError(answer.status_code, code, envelope.get("message", answer.reason_phrase))
        return answer


def _envelope(answer: httpx.Response) -> dict[str, Any]:
    # a gateway in front of the API answers 429, 502, 503 and 504 with a page in HTML
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
