"""Addresses and words of admin pages, for tests."""

from django.contrib.messages import get_messages
from django.urls import reverse


def url(page, *args):
    return reverse(f"admin:journal_{page}", args=args)


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()
