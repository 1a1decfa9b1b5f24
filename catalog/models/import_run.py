"""Imports: a file somebody brought, what it would change, and what came of it. Nothing here feeds an answer."""

from enum import StrEnum

from django.db import models

from catalog.models.columns import choice_column, one_of


class Stage(StrEnum):
    """Where an import stands; only from `applying` on has it touched the catalog."""

    UPLOADED = "uploaded"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"

    @property
    def words(self) -> str:
        return _STAGE_WORDS[self]


_STAGE_WORDS = {
    Stage.UPLOADED: "Columns to be named",
    Stage.CHECKED: "Ready to look at",
    Stage.APPLYING: "Being written",
    Stage.APPLIED: "Written",
    Stage.REFUSED: "Nothing was written",
    Stage.UNDOING: "Being undone",
    Stage.UNDONE: "Undone",
    Stage.DISCARDED: "Discarded",
}


class Verdict(StrEnum):
    """What a row of the file would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"

    @property
    def words(self) -> str:
        return {"new": "New", "changed": "Changed", "same": "As it is", "error": "Wrong"}[self.value]


class RowOutcome(StrEnum):
    """What came of a row once the import was applied or undone."""

    WRITTEN = "written"
    LEFT_OUT = "left_out"
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"


class ImportRun(models.Model):
    """One file on its way into the catalog: uploaded, its columns named, every row checked, then applied by a job."""

    kind = models.CharField("what", max_length=24)
    file_name = models.CharField("file", max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField(help_text="In bytes.")
    form = models.CharField(max_length=8)
    header = models.JSONField(default=list)
    header_digest = models.CharField(max_length=64, help_text="The same for files with the same headings.")
    notes = models.JSONField(default=list, blank=True, help_text="What was read in another way than it looks.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Our column -> the file's, counted from 0.")
    stage = choice_column(Stage, default=Stage.UPLOADED)
    whole = models.BooleanField(default=True, help_text="All rows or none; else wrong rows are left out.")
    rehearsed = models.BooleanField(default=False, help_text="Whether every change was tried and taken back.")
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    tokens = models.JSONField(
        default=dict, blank=True, help_text="Newest version of each plan, and its edits, as seen."
    )
    asked_at = models.DateTimeField("when")
    asked_by_key = models.CharField(max_length=200)
    asked_by_name = models.CharField("who", max_length=300)
    job = models.ForeignKey("journal.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    undo_job = models.ForeignKey("journal.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    summary = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = "import"
        default_permissions = ("view",)
        constraints = [one_of("catalog_importrun_stage", "stage", Stage)]
        indexes = [models.Index(fields=["kind", "header_digest", "-asked_at"], name="catalog_importrun_headings")]

    def __str__(self) -> str:
        return f"{self.file_name} (import {self.pk})"


class ImportRow(models.Model):
    """One row of the file as it stood, what it would change, and what came of it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="As the spreadsheet counts it.")
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=list, blank=True, help_text="What could not be read of it.")
    key = models.CharField(max_length=400, blank=True, default="")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    verdict = choice_column(Verdict, blank=True)
    told = models.TextField(blank=True, default="")
    outcome = choice_column(RowOutcome, blank=True)
    outcome_told = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("run", "number")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="catalog_importrow_number"),
            one_of("catalog_importrow_verdict", "verdict", Verdict, blank=True),
            one_of("catalog_importrow_outcome", "outcome", RowOutcome, blank=True),
        ]
        indexes = [models.Index(fields=["run", "verdict", "number"], name="catalog_importrow_verdict_idx")]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.run}"
