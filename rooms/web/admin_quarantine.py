"""Documents that cannot be opened, for staff: what is stored of each, and what can be done. Each step asks first."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header

from rooms.canary.process import Fault, NoTime
from rooms.core.filenames import clean_name
from rooms.models import Document, Quarantine, Snapshot
from rooms.services import quarantined
from rooms.web.asking import person

BUSY = "The machine is too busy to tell. Try again in a moment."


@admin.register(Quarantine)
class QuarantineAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For staff who may change documents. The rows come and go by themselves and by the steps below."""

    list_display = ("document", "at", "code", "details", "instance")
    list_select_related = ("document",)
    list_filter = ("code",)
    search_fields = ("document__title", "document__key")
    ordering = ("-at",)
    change_form_template = "admin/quarantine.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Quarantine | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Quarantine | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Quarantine | None = None) -> bool:
        return request.user.has_perm("rooms.change_document")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path("<path:object_id>/try/", self._step(self._try), name="rooms_quarantine_try"),
            path("<path:object_id>/restore/<int:pk>/", self._step(self._restore), name="rooms_quarantine_restore"),
            path("<path:object_id>/export/<str:kind>/", self._step(self._export), name="rooms_quarantine_export"),
        ]
        return [*steps, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self._found(request, object_id)
        stored = None
        try:
            stored = quarantined.stored(document=found.document)
        except NoTime:
            messages.warning(request, BUSY)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "stored": stored})

    # --- Steps ----------------------------------------------------------------------------------------------------

    def _step(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A page of the admin about one quarantined document, for whoever may see it."""

        def serve(request: HttpRequest, object_id: str, **more: Any) -> HttpResponse:
            found = self._found(request, object_id)
            try:
                return view(request, found, **more)
            except NoTime:
                messages.warning(request, BUSY)
            except quarantined.Changed:
                messages.warning(request, "Somebody else was quicker: the document is not in quarantine any more.")
            return HttpResponseRedirect(reverse("admin:rooms_quarantine_changelist"))

        return self.admin_site.admin_view(serve)

    def _found(self, request: HttpRequest, object_id: str) -> Quarantine:
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = unquote(object_id)
        rows = Quarantine.objects.select_related("document__room")
        found = rows.filter(pk=int(number)).first() if number.isdecimal() else None
        if found is None:
            raise Http404
        return found

    def _try(self, request: HttpRequest, found: Quarantine) -> HttpResponse:
        if request.method != "POST":
            return self._ask(request, found, "Try again", "If it loads now, people can open it again as it is stored.")
        fault = quarantined.try_again(document=found.document)
        return self._over(request, found, fault, done="loads", subject="It")

    def _restore(self, request: HttpRequest, found: Quarantine, pk: int) -> HttpResponse:
        snapshot = Snapshot.objects.filter(document=found.document, pk=pk).first()
        if snapshot is None:
            raise Http404
        if request.method != "POST":
            consequence = (
                "The document becomes what it was then, and can be opened again. What was written later is not in it; "
                "people who still have words of it that were not saved get them back as a draft. The room's log says "
                "who restored it."
            )
            title = f"Restore the snapshot of {snapshot.created_at:%Y-%m-%d %H:%M:%S} UTC"
            return self._ask(request, found, title, consequence)
        fault = quarantined.restore(document=found.document, snapshot=snapshot, by=person(request))
        return self._over(request, found, fault, done="is restored", subject="That snapshot")

    def _over(
        self, request: HttpRequest, found: Quarantine, fault: Fault | None, *, done: str, subject: str
    ) -> HttpResponse:
        """Say how it went, and go back."""
        if fault is None:
            messages.success(request, f"“{found.document.title}” {done}, and can be opened again.")
        else:
            messages.error(request, f"{subject} does not load: {_in_words(fault)}.")
        return self._back(found, is_over=fault is None)

    def _export(self, request: HttpRequest, found: Quarantine, kind: str) -> HttpResponse:
        if kind not in {"json", "txt"}:
            raise Http404
        if request.method != "POST":
            consequence = "You get a file with what can be read of the document. The room's log says that you did."
            return self._ask(request, found, "Export what is readable", consequence)
        readable = quarantined.readable(document=found.document)
        if readable is None:
            messages.error(request, "Nothing of it can be read.")
            return self._back(found, is_over=False)
        return _download(found.document, readable, kind)

    def _ask(self, request: HttpRequest, found: Quarantine, title: str, consequence: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "consequence": consequence,
            "found": found,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/quarantine_confirmation.html", context)

    def _back(self, found: Quarantine, *, is_over: bool) -> HttpResponse:
        if is_over:
            return HttpResponseRedirect(reverse("admin:rooms_quarantine_changelist"))
        return HttpResponseRedirect(reverse("admin:rooms_quarantine_change", args=[found.pk]))


def _in_words(fault: Fault) -> str:
    words = Quarantine.Code(fault.code).label
    return f"{words} ({fault.details})" if fault.details else words


def _download(document: Document, readable: quarantined.Readable, kind: str) -> HttpResponse:
    if kind == "json":
        about = {"title": document.title, "epoch": readable.epoch, "seq": readable.seq, "content": readable.content}
        body, content_type = json.dumps(about, ensure_ascii=False), "application/json"
    else:
        body, content_type = quarantined.as_text(readable.content), "text/plain; charset=utf-8"
    name = clean_name(f"{document.title}.{kind}", endings=(f".{kind}",))
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(body, content_type=content_type, headers=headers)
