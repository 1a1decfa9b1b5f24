"""Every address of the desk."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.api import api
from config.health import healthz
from config.metrics import metrics
from entitlements.api.ofrep_pages import urls as ofrep
from journal.api.hooks import hook
from journal.api.problem_pages import problem_list, problem_page

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("hooks/<slug:key>", hook, name="hook"),
    path("ofrep/v1/", include((ofrep, "ofrep"))),
    path("problems/", problem_list, name="problems"),
    path("problems/<slug:code>", problem_page, name="problem"),
]
