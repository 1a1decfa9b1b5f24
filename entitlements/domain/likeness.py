"""When two accounts look like one customer: names that mean the same firm, and addresses that tell nothing."""

import re
import unicodedata

# Everybody can have an address there, so two customers who both do have nothing in common.
FREE_MAIL = frozenset(
    {
        "aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com",
        "hotmail.com", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "live.nl", "mail.com",
        "mail.ru", "me.com", "msn.com", "orange.fr", "outlook.com", "proton.me", "protonmail.com", "qq.com",
        "t-online.de", "web.de", "xs4all.nl", "yahoo.com", "yandex.ru", "ziggo.nl",
    }
)  # fmt: skip
_LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "aps", "as", "bv", "bvba", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated",
        "kg", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pty", "sa", "sarl", "sas", "se", "spa", "srl",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def plain_name(name: str) -> str:
    """ "ACME, B.V." and "Acme bv" → "acme"; what is nothing but a legal form stays as it is."""
    words = words_of(name)
    telling = [word for word in words if word not in _LEGAL_FORMS and word != "the"]
    return " ".join(telling or words)


def words_of(name: str) -> list[str]:
    """In small letters without accents and dots: "Öl & Gas, B.V." → "ol", "gas", "bv"."""
    bare = unicodedata.normalize("NFKD", name.casefold().replace(".", ""))
    return _WORD.findall("".join(letter for letter in bare if not unicodedata.combining(letter)))
