"""What the API takes in to open a case, and what it answers."""

from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant
from support.api.cases.schemas import CaseOut, CoverKey, Email, Name, Source, Text
from support.api.intake.schemas import LONGEST_TEXT, MOST_FILES, AttachmentIn, DecisionOut
from support.domain.case_events import Channel, Opener


class CaseIn(Schema):
    """A case to be opened. What is left out is empty, or as its description says."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(examples=["The export stops"])
    severity: Name = Field(
        "", description="The severity's key; the mildest if left out, until somebody says.", examples=["high"]
    )
    channel: Channel = Field(Channel.API, description="How the customer came.")
    account: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="Whose case it is: our key or any system's id. Left out, it is found by the requester's address or "
        "domain; where nobody is found, the case opens without a promise.",
        examples=["acme"],
    )
    requester: Email = Field("", description="Who asks, by e-mail address.", examples=["jo@acme.example"])
    opener: Opener = Field(Opener.CUSTOMER, description="What staff open by themselves owes no first response.")
    opened_at: Instant | None = Field(
        None, description="When it was opened, with a zone; now if left out. Clocks start then."
    )
    team: Name = ""
    assignee: Email = ""
    source: Source = Field("api", description="Which help desk the ticket is in.", examples=["our_help_desk"])
    external_id: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="The ticket's number there; a ticket stands for one case.", examples=["4711"]
    )
    url: Annotated[str, StringConstraints(max_length=500)] = Field(
        "", description="The ticket's address.", examples=["https://help.example/4711"]
    )
    note: Text = ""
    product: Name = Field("", description="What it is about: a product's key.", examples=["pump_x"])
    asset: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="The device it is about: its serial number, with the product's key before it where several have "
        "that number. Where neither account nor requester is known, the case is of who has the device.",
        examples=["SN-4711", "pump_x:SN-4711"],
    )
    cover: CoverKey = Field(
        "",
        description="The cover that was chosen for it; left out, the written rule decides. One that doesn't apply is "
        "refused.",
        examples=["cover:12"],
    )
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = Field(
        "", description="The whole ticket, to be checked; left out, the note is read. The case keeps the note alone."
    )
    attachments: Annotated[list[AttachmentIn], Field(max_length=MOST_FILES)] = []
    feature: Name = Field("", description="The key of the feature that a field of a form named.")


class CaseOpenedOut(CaseOut):
    decision: DecisionOut | None = Field(
        description="What follows its ticket; null where tickets of its channel aren't checked."
    )
