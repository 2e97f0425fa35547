"""The pages' addresses. Accounts and the admin are mounted in `collab/urls.py`."""

from django.urls import path

from rooms.web import audit_views, comments_views, files_views, members_views, sharing_views, suggest_views, views
from rooms.web.bundle import offline_worker

app_name = "rooms"

urlpatterns = [
    path("", views.index, name="index"),
    path("profile", views.profile, name="profile"),
    path("rooms", views.rooms, name="rooms"),
    path("r/<str:key>", views.room, name="room"),
    path("r/<str:key>/rename", views.rename_room, name="rename_room"),
    path("r/<str:key>/documents", views.new_document, name="new_document"),
    path("r/<str:key>/delete", views.delete_room, name="delete_room"),
    path("r/<str:key>/members", members_views.members, name="members"),
    path("r/<str:key>/members/add", members_views.new_member, name="new_member"),
    path("r/<str:key>/members/<str:member>/role", members_views.change_role, name="change_role"),
    path("r/<str:key>/members/<str:member>/remove", members_views.remove_member, name="remove_member"),
    path("r/<str:key>/leave", members_views.leave, name="leave"),
    path("r/<str:key>/transfer", members_views.transfer, name="transfer"),
    path("r/<str:key>/groups", members_views.add_group, name="add_group"),
    path("r/<str:key>/groups/<int:group>/remove", members_views.remove_group, name="remove_group"),
    path("r/<str:key>/invitations/<int:number>", members_views.withdraw_invitation, name="withdraw_invitation"),
    path("r/<str:key>/requests/<int:number>/grant", members_views.grant_request, name="grant_request"),
    path("r/<str:key>/requests/<int:number>/decline", members_views.decline_request, name="decline_request"),
    path("r/<str:key>/receipts/<int:number>", members_views.receipt, name="receipt"),
    path("r/<str:key>/audit", audit_views.audit, name="audit"),
    path("r/<str:key>/audit.csv", audit_views.audit_csv, name="audit_csv"),
    path("d/offline.js", offline_worker, name="offline_worker"),
    path("d/<str:key>", views.document, name="document"),
    path("d/<str:key>/rename", views.rename_document, name="rename_document"),
    path("d/<str:key>/delete", views.delete_document, name="delete_document"),
    path("d/<str:key>/share", sharing_views.share, name="share"),
    path("d/<str:key>/links", sharing_views.new_link, name="new_link"),
    path("d/<str:key>/links/<int:number>/revoke", sharing_views.revoke_link, name="revoke_link"),
    path("d/<str:key>/ask", sharing_views.ask, name="ask"),
    path("d/<str:key>/files", files_views.upload, name="upload"),
    path("f/<str:key>", files_views.file, name="file"),
    path("d/<str:key>/people", suggest_views.people, name="suggest_people"),
    path("d/<str:key>/documents", suggest_views.documents, name="suggest_documents"),
    path("d/<str:key>/comments", comments_views.comments, name="comments"),
    path("d/<str:key>/comments/<str:thread>/replies", comments_views.reply, name="comment_reply"),
    path("d/<str:key>/comments/<str:thread>/state", comments_views.turn, name="comment_state"),
    path("d/<str:key>/comments/<str:thread>/<str:comment>/edit", comments_views.edit, name="comment_edit"),
    path("d/<str:key>/comments/<str:thread>/<str:comment>/delete", comments_views.delete, name="comment_delete"),
    path("d/<str:key>/comments/<str:thread>/<str:comment>/react", comments_views.react, name="comment_react"),
    path("l/<str:key>", sharing_views.open_link, name="open_link"),
    path("invitations/<str:token>", sharing_views.invitation, name="invitation"),
]
