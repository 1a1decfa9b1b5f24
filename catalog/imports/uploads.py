"""Uploads: what is too large to be read is not kept either."""

from django.core.files.uploadhandler import FileUploadHandler

from catalog.domain.tables import MAX_BYTES


class CappedUpload(FileUploadHandler):
    """Lets a little more than the cap through to the handlers behind it, so that the reader can say it is too large."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """Nothing: the handlers behind it make the file."""
