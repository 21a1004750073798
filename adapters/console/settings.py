"""What the settings come to, under `/api/v1/settings`: for admins to read; they are changed where they come from."""

from __future__ import annotations

from aiohttp import web

from adapters.console.channels import SettingView, setting_view
from adapters.console.route import Route
from adapters.console.views import View
from adapters.http import answer
from bot.conversation import User
from bot.setup import Setup


class SettingsView(View):
    """All settings as the server was started with them."""

    items: list[SettingView]


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/settings", "settings", "The settings that the server was started with", "admin",
          gives=SettingsView),
)  # fmt: skip


class SettingsRoutes:
    """The route's handler."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    async def settings(self, _: web.Request, __: User) -> web.Response:
        """All settings."""
        return answer(SettingsView(items=[setting_view(one) for one in self._setup.settings]))
