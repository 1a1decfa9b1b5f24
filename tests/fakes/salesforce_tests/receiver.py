"""Somebody who listens to Salesforce's pushes: a true Ack is the answer where no other is left."""

from contextlib import AbstractContextManager
from xml.etree import ElementTree

from tests.fakes import receiver

ACK = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>"""
OUT = "{http://soap.sforce.com/2005/09/outbound}"
SF = "{urn:sobject.enterprise.soap.sforce.com}"


class Receiver(receiver.Receiver):
    def notifications(self, place: int = -1) -> list[dict[str, str]]:
        """Of one message: each one's own id as `notification`, and its fields."""
        root = ElementTree.fromstring(self.bodies[place])
        found = []
        for one in root.iter(f"{OUT}Notification"):
            fields = {child.tag.removeprefix(SF): child.text or "" for child in one.find(f"{OUT}sObject") or ()}
            found.append({"notification": one.findtext(f"{OUT}Id", "")} | fields)
        return found


def receiving() -> AbstractContextManager[Receiver]:
    return receiver.listening(Receiver(path="/hooks/crm?a=b", otherwise=(200, ACK.format("true"))))
