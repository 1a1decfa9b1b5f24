"""Words by which mails are taken apart: data, in the languages customers write in. All in small letters.

Apostrophes are straight here; text is compared after its own are made so. A language that is missing costs a hold more,
never a wrong answer.
"""


def told_apart(words: str) -> frozenset[str]:
    """Single words, as they are listed below."""
    return frozenset(words.split())


# "On 3 March 2026, Ann wrote:" – how such a line begins, and the verb it holds.
ATTRIBUTION_OPENS = (
    "on ", "am ", "le ", "el ", "il ", "op ", "em ", "den ", "w dniu ", "dnia ", "dne ", "pe ", "в ", "il giorno ",
    "于 ", "在 ", "20", "19",
)  # fmt: skip
ATTRIBUTION_VERBS = (
    " wrote", " schrieb", " a écrit", " escribió", " ha scritto", " schreef", " escreveu", " skrev", " napisał",
    " napsal", " kirjoitti", " yazdı", " пишет", " написал", "写道", "のメール", "書きました", " het volgende geschreven",
)  # fmt: skip

# "-----Original Message-----", "Begin forwarded message:"
REPLY_MARKERS = (
    "original message", "original-nachricht", "ursprüngliche nachricht", "message d'origine", "mensaje original",
    "messaggio originale", "oorspronkelijk bericht", "mensagem original", "ursprungligt meddelande",
    "oprindelig meddelelse", "alkuperäinen viesti", "wiadomość oryginalna",
)  # fmt: skip
# Beneath it is what was said before, unless nothing stands above it.
ABOVE_MARKERS = ("reply above this line", "please type your reply above", "please reply above", "type your reply above")
FORWARD_MARKERS = (
    "forwarded message", "forwarded by", "begin forwarded message", "weitergeleitete nachricht", "message transféré",
    "début du message transféré", "début du message réexpédié", "mensaje reenviado", "messaggio inoltrato",
    "inizio messaggio inoltrato", "doorgestuurd bericht", "mensagem encaminhada", "vidarebefordrat meddelande",
    "anfang der weitergeleiteten", "przekazana wiadomość",
)  # fmt: skip
FROM = (
    "from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "发件人", "寄件者", "寄件人", "差出人", "보낸 사람", "kimden",
    "gönderen", "lähettäjä", "feladó", "από", "de la", "מאת", "من", "dari", "từ",
)  # fmt: skip
HEADERS = frozenset([
    *FROM, "sent", "date", "to", "cc", "subject", "reply-to", "importance", "gesendet", "datum", "an", "betreff",
    "envoyé", "à", "objet", "enviado", "fecha", "para", "asunto", "inviato", "data", "a", "oggetto", "verzonden", "aan",
    "onderwerp", "assunto", "enviada em", "skickat", "till", "ämne", "sendt", "til", "emne", "envoyé le", "wysłano", "do",
    "temat", "дата", "кому", "тема", "发送时间", "收件人", "主题", "送信日時", "宛先", "件名", "enviado el", "date d'envoi",
    "寄件日期", "收件者", "收件人", "主旨", "보낸 날짜", "받는 사람", "제목", "참조", "gönderildi", "tarih", "kime", "konu", "lähetetty", "päivämäärä",
    "vastaanottaja", "kopio", "aihe", "elküldve", "dátum", "címzett", "másolatot kap", "tárgy", "odesláno", "komu", "kopie",
    "předmět", "στάλθηκε", "ημερομηνία", "προς", "κοιν", "θέμα", "trimis", "trimis la", "către", "subiect", "נשלח", "תאריך", "אל",
    "עותק", "נושא", "تم الإرسال", "إلى", "الموضوع", "التاريخ", "отправлено", "копия", "надіслано", "кому", "тема",
])  # fmt: skip
REPLY_PREFIXES = ("re", "aw", "sv", "vs", "odp", "antw", "rif", "res", "回复", "答复")
FORWARD_PREFIXES = ("fw", "fwd", "wg", "tr", "rv", "i", "doorst", "enc", "vb", "vl", "pd", "转发")

CLOSINGS = (
    "kind regards", "best regards", "warm regards", "with regards", "regards", "best wishes", "all the best", "best",
    "cheers", "thanks", "thanks a lot", "thanks again", "many thanks", "thanks and regards", "thanks & regards", "thank you", "thank you very much",
    "thx", "sincerely", "yours sincerely", "yours truly", "yours faithfully", "respectfully", "br", "kr", "rgds",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "freundliche grüße", "viele grüße", "beste grüße",
    "liebe grüße", "herzliche grüße", "mfg", "vg", "lg", "danke", "vielen dank", "gruß", "grüße", "cordialement",
    "bien cordialement", "merci", "bien à vous", "salutations", "meilleures salutations", "bonne journée", "saludos",
    "un saludo", "saludos cordiales", "atentamente", "gracias", "muchas gracias", "cordiali saluti", "distinti saluti",
    "saluti", "grazie", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "groet",
    "mvg", "bedankt", "atenciosamente", "obrigado", "obrigada", "cumprimentos", "med vänliga hälsningar",
    "vänliga hälsningar", "hälsningar", "med venlig hilsen", "vennlig hilsen", "hilsen", "mvh", "pozdrawiam",
    "z poważaniem", "ystävällisin terveisin", "terveisin", "с уважением", "此致",
)  # fmt: skip
MOBILE_FOOTERS = (
    "sent from my ", "sent from mail for ", "sent from outlook", "sent from yahoo", "sent via ", "sent with ",
    "get outlook for ", "von meinem iphone", "von meinem ipad", "von meinem handy", "von meinem smartphone", "gesendet von ", "envoyé de mon ", "envoyé depuis ", "enviado desde ",
    "enviado do meu ", "inviato da ", "verzonden vanaf ", "verstuurd vanaf ", "skickat från ", "sendt fra ",
    "wysłane z ", "lähetetty ", "télécharger outlook", "obtener outlook", "outlook für ",
)  # fmt: skip
DISCLAIMERS = (
    "confidentiality notice", "confidentiality note", "this e-mail and any attachment", "this email and any attachment",
    "this e-mail and any files", "this email and any files", "this message and any attachment",
    "this message is intended", "this email is intended", "this e-mail is intended", "intended solely for",
    "intended only for", "not the intended recipient", "is confidential and may", "legally privileged",
    "consider the environment before", "think before you print", "company registered in", "registered office:",
    "originated from outside", "came from outside", "external email:", "external sender", "disclaimer:",
    "diese e-mail enthält vertrauliche", "diese nachricht ist vertraulich", "nicht der richtige adressat",
    "ce message est confidentiel", "ce message et ses pièces jointes", "ce courriel est confidentiel",
    "este mensaje es confidencial", "este correo electrónico", "questo messaggio è riservato", "dit bericht is vertrouwelijk",
    "de informatie in deze e-mail", "esta mensagem é confidencial",
)  # fmt: skip
GREETINGS = (
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "good day", "greetings", "hallo",
    "guten tag", "guten morgen", "guten abend", "moin", "servus", "grüezi", "sehr geehrte", "sehr geehrter", "liebe",
    "lieber", "bonjour", "bonsoir", "salut", "cher", "chère", "madame", "hola", "buenos días", "buenas tardes",
    "estimado", "estimada", "estimados", "ciao", "buongiorno", "buonasera", "salve", "gentile", "goedemorgen",
    "goedemiddag", "goedendag", "beste", "geachte", "olá", "bom dia", "boa tarde", "prezado", "hej", "hei", "cześć",
    "dzień dobry", "to whom it may concern", "team",
)  # fmt: skip
NO_SUBJECT = frozenset(["no subject", "(no subject)", "none", "kein betreff", "(kein betreff)", "sans objet", "-", "."])

# Closings that may also stand in the midst of a mail.
THANKING = (
    "thank",
    "thx",
    "many thanks",
    "cheers",
    "danke",
    "vielen dank",
    "merci",
    "gracias",
    "muchas",
    "grazie",
    "bedankt",
    "obrigad",
)
# What a list is announced as, whose items are things by themselves.
LISTING = told_apart(
    "questions issues problems requests things topics points tasks items fragen probleme themen punkte anliegen "
    "problèmes demandes preguntas problemas domande problemi vragen problemen perguntas"
)

# What makes a sentence ask
ASKING = frozenset(tuple(phrase.split()) for phrase in (
    "can you", "could you", "can we", "could we", "can i", "could i", "may i", "may we", "would you", "will you",
    "please", "pls", "plz", "i need", "we need", "i want", "we want", "would like", "i'd like", "we'd like", "how do",
    "how can", "how to", "how does", "how long", "how many", "how much", "what is", "what are", "what's", "why", "when will",
    "when can", "where is", "where do", "where can", "which", "is it possible", "is there", "are there", "do you",
    "do we", "does our", "wondering", "wonder if", "let me know", "let us know", "tell me", "tell us", "help me",
    "help us", "help with", "looking for", "looking to", "interested in", "explain",
    "would be great", "would be nice", "would be good", "would be helpful", "requesting", "request for", "i request", "we request", "enable", "activate", "increase", "raise", "upgrade",
    "restore", "cancel", "send me", "send us", "give me", "give us",
    "könnt ihr", "können sie", "könnten sie", "kannst du", "bitte", "wir brauchen", "ich brauche", "wir möchten",
    "ich möchte", "wie kann", "wie lange", "wie viele", "pouvez vous", "pouvez-vous", "pourriez-vous", "pourriez vous",
    "nous aimerions", "je voudrais", "nous voudrions", "j'aimerais", "merci de", "s'il vous plaît", "comment",
    "pueden", "puede", "podrían", "podría", "necesito", "necesitamos", "quiero", "queremos", "por favor", "cómo",
    "potete", "potreste", "vorrei", "vorremmo", "abbiamo bisogno", "per favore", "kunnen jullie", "kunt u", "graag",
    "wij willen", "we willen", "hoe kan", "podem", "poderiam", "preciso", "precisamos", "gostaria",
))  # fmt: skip
# Sentences of courtesy or pointing, which ask for nothing by themselves: how they begin.
COURTESY = frozenset(tuple(phrase.split()) for phrase in (
    "thanks in advance", "thank you in advance", "thank you for", "thanks for", "thanks a lot", "thank you", "thanks",
    "many thanks", "i hope you", "hope you", "i hope this", "hope this", "looking forward", "i look forward", "have a nice",
    "have a great", "have a good", "please find", "please see attached", "please see the attached", "see attached",
    "see the attached", "find attached", "attached please", "see below", "please see below", "fyi", "how are you",
    "i have two questions", "danke im voraus", "vielen dank", "siehe anhang", "anbei", "im anhang", "merci d'avance",
    "voir pièce jointe", "ci-joint", "gracias de antemano", "ver adjunto", "grazie in anticipo", "in allegato",
    "alvast bedankt", "zie bijlage",
))  # fmt: skip
# How courtesy begins too, and as often a request: "let me know", but also "let me know how backups are kept".
COURTESY_IF_BARE = frozenset(tuple(phrase.split()) for phrase in (
    "please note", "please advise", "any help", "please help", "can you help", "could you help", "can anyone help",
    "please let me know", "please let us know", "let me know", "let us know",
))  # fmt: skip
# What asks where a sentence begins with it; elsewhere such words tell what was done: "I removed the agent".
BIDDING = told_apart(
    "add allow book buy cancel change check configure connect convert create deactivate delete deploy disable enable extend "
    "fill fix give invite lift limit lower move open pay provide purge raise reactivate reduce remove rename renew replace "
    "reset resend restore review schedule send set show stop switch transfer turn unblock unlock unpause update upgrade"
)
# Words before what a sentence begins with.
LEADING_IN = told_apart("and oh but then so well ok okay now please kindly und et y")
# How a sentence begins that asks for something else.
MARKERS = frozenset(tuple(phrase.split()) for phrase in (
    "also", "and also", "secondly", "second", "third", "thirdly", "fourth", "firstly", "another", "in addition",
    "additionally", "furthermore", "moreover", "besides", "separately", "on another note", "on a separate note",
    "one more", "one other", "one last", "plus", "finally", "lastly", "last", "next", "by the way", "btw", "ps", "p s", "pps",
    "p p s", "unrelated", "different topic", "other than that", "apart from that", "while we", "while we're at it", "while you're at it",
    "on top of that", "on top", "further", "a further", "meanwhile", "my other", "our other", "my second", "our second",
    "a second", "the second", "the other", "and can", "and could", "and how", "and please", "außerdem", "ausserdem", "zweitens", "drittens", "erstens", "des weiteren", "ferner",
    "zudem", "de plus", "aussi", "également", "par ailleurs", "deuxièmement", "ensuite", "d'autre part", "además",
    "también", "por otro lado", "segundo", "inoltre", "anche", "secondo", "daarnaast", "ook", "ten tweede", "verder",
    "além disso", "também",
))  # fmt: skip
# What stands behind "this" and "that" where they refer to no thing: "this morning".
TIMES_OF = told_apart(
    "morning afternoon evening night day week weekend month quarter year time monday tuesday wednesday thursday friday"
)
# What "it" stands before where it refers to nothing: "it would be great to have …".
EXPLETIVE = told_apart("possible great nice good helpful useful lovely")
# What joins two things that are asked for in one sentence.
JOINING = (
    "and", "as well as", "plus", "but", "while", "meanwhile", "und", "sowie", "et", "ainsi que", "y", "así como", "en ook", "ed",
)  # fmt: skip
REFERRING = told_apart(
    "it its it's this that's these those them they dies diese dieser dieses dazu davon "
    "cela ceci ça eso esto questo quello isso isto"
)
# Words that name nothing: where only such are left, a sentence asks for nothing of its own.
EMPTY = REFERRING | told_apart(
    "that same so there das dit dat deze es esta a an the and or but if then else of to in on at by for from with without about as into over after before up down out "
    "is are was were be been being am do does did done have has had having can could may might shall should will would "
    "must i me my mine we us our ours you your yours he him his she her their who whom what which when where why how "
    "please pls plz kindly thanks thank hi hello dear hey regards also too just only very really still yet already now "
    "today soon asap fyi afaik imho eta again not no yes ok okay need needs want wants like let know tell help want wanted get got give "
    "possible possibly able any some all more most much many one two first second third another other others next last "
    "things topic topics question questions request requests issue problem advise advice urgent urgently matter thing something anything "
    "i'd we'd i'm we're i've we've don't can't isn't doesn't won't what's ps btw as soon well see below above attached "
    "ich wir sie ihr der die und oder ein eine einen ist sind haben hat können könnten bitte danke uns mir wie was wann "
    "je nous vous le la les un une des et ou est sont pouvez pourriez merci de du pour que qui comment "
    "el los las y o es son puede pueden por favor gracias para qué cómo yo nosotros il lo gli di che per come "
    "het een en of wij jullie u kunt kunnen graag voor hoe wat"
)
