"""What customers say in these scenarios, by language, and what the pack has the bot say to it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pack import Pack, fill


@dataclass(frozen=True, slots=True)
class Speech:
    """One language's lines. `question` asks for `asks`, `another` for `asks_also`; `unsure` are said to be vague."""

    code: str
    locale: str
    greeting: str
    question: str
    asks: str
    another: str
    asks_also: str
    where: str
    human: str
    fraud: str
    nonsense: tuple[str, str] = ("", "")
    unsure: tuple[str, ...] = ()


SPEECH = {
    speech.code: speech
    for speech in (
        Speech(
            "en",
            "en-US",
            "Good morning",
            "How long does delivery take?",
            "delivery_time",
            "Do you accept PayPal?",
            "payment_methods",
            "Where is my order?",
            "I want to talk to a human",
            "Someone used my card without permission, this is fraud",
            ("flibber wobble snorp", "Write me a poem about the sea"),
            ("I have a question about my package", "the parcel and the money", "Problem with my order"),
        ),
        Speech(
            "es",
            "es-ES",
            "¡Hola, buenos días!",
            "¿Cuánto tarda el envío?",
            "delivery_time",
            "¿Hacéis envíos a México?",
            "international_shipping",
            "¿Dónde está mi pedido?",
            "Quiero hablar con una persona",
            "Alguien ha usado mi tarjeta sin permiso, es un fraude",
            ("asdf qwer zxcv", "¿Me escribes un poema sobre el mar?"),
            (
                "Tengo un problema con el pedido",
                "Mi paquete y el dinero",
                "la cosa del pedido y el dinero",
                "una pregunta sobre mi pedido y el dinero",
            ),
        ),
        Speech(
            "zh-Hans",
            "zh-CN",
            "你好",
            "请问多久能送到？",
            "delivery_time",
            "你们支持哪些付款方式？",
            "payment_methods",
            "我的包裹现在在哪里？",
            "我要找人工客服",
            "有人盗刷了我的卡，这是诈骗",
            ("呜啦啦叽里咕噜嘛哩", "给我写一首关于大海的诗"),
            ("钱的问题", "我有个问题，关于包裹", "荷物", "包裹有问题"),
        ),
        Speech(
            "ar",
            "ar-EG",
            "السلام عليكم",
            "كم يستغرق التوصيل؟",
            "delivery_time",
            "ما هي طرق الدفع المتاحة؟",
            "payment_methods",
            "أين وصلت شحنتي؟",
            "أريد التحدث مع موظف",
            "سرق أحدهم بطاقتي واستخدمها، هذا احتيال",
        ),
        Speech(
            "ja",
            "ja-JP",
            "こんにちは",
            "配送には何日かかりますか？",
            "delivery_time",
            "支払い方法は何がありますか？",
            "payment_methods",
            "私の荷物は今どこにありますか？",
            "担当者と話したいです",
            "誰かが私のカードを不正に使いました。詐欺です",
        ),
        Speech(
            "hi",
            "hi-IN",
            "नमस्ते",
            "डिलीवरी में कितना समय लगता है?",
            "delivery_time",
            "भुगतान के कौन से तरीके हैं?",
            "payment_methods",
            "मेरा ऑर्डर कहाँ है?",
            "मुझे किसी इंसान से बात करनी है",
            "किसी ने बिना इजाज़त मेरा कार्ड इस्तेमाल किया, यह धोखाधड़ी है",
            ("asdf qwer zxcv", "समुद्र पर एक कविता लिखो"),
            ("पैसे", "पैसे के बारे में सवाल", "मेरे पैकेट में दिक्कत है"),
        ),
        Speech(
            "de",
            "de-DE",
            "Guten Tag!",
            "Wie lange dauert die Lieferung?",
            "delivery_time",
            "Liefert ihr auch in die Schweiz?",
            "international_shipping",
            "Wo ist meine Bestellung?",
            "Ich möchte mit einem Menschen sprechen",
            "Jemand hat meine Karte ohne Erlaubnis benutzt, das ist Betrug",
            ("qwertz asdfgh yxcvbn", "Schreib mir ein Gedicht über das Meer"),
        ),
        Speech(
            "fr",
            "fr-FR",
            "Bonjour",
            "Combien coûte la livraison ?",
            "delivery_cost",
            "Quels moyens de paiement acceptez-vous ?",
            "payment_methods",
            "Où est ma commande ?",
            "Je veux parler à un humain",
            "Quelqu'un a utilisé ma carte sans autorisation, c'est une fraude",
            ("asdf qwer zxcv", "Écris-moi un poème sur la mer"),
        ),
        Speech(
            "pt",
            "pt-BR",
            "Olá",
            "Quanto tempo demora a entrega?",
            "delivery_time",
            "Quais são as formas de pagamento?",
            "payment_methods",
            "Onde está o meu pedido?",
            "Quero falar com um atendente",
            "Alguém usou o meu cartão sem autorização, é uma fraude",
            ("asdf qwer zxcv", "Escreve um poema sobre o mar"),
            ("pergunta sobre a entrega", "Tenho um problema com o pedido", "sobre a minha compra de ontem"),
        ),
        Speech(
            "ru",
            "ru-RU",
            "Здравствуйте",
            "Сколько времени занимает доставка?",
            "delivery_time",
            "Какие способы оплаты вы принимаете?",
            "payment_methods",
            "Где мой заказ?",
            "Хочу поговорить с человеком",
            "Кто-то использовал мою карту без разрешения, это мошенничество",
            ("трулала бубука мырк", "Напиши стихотворение о море"),
            ("вопрос о доставке", "Проблема с заказом"),
        ),
    )
}

STRANGERS = {
    "pl": ("pl-PL", "Jakie są metody płatności w waszym sklepie?", "Gdzie jest moja paczka?", "Polish"),
    "sv": ("sv-SE", "Hur lång tid tar leveransen av min beställning?", "Hej, när kommer mitt paket fram?", "Swedish"),
    "nl": ("nl-NL", "Hoe lang duurt de levering van mijn bestelling?", "Waar blijft mijn pakket?", "Dutch"),
}
"""Languages without replies: locale, a question, a question for an order, and the language's name in English."""


class Script:
    """What the bot says, word for word, by the pack's own files."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def replies(self, language: str, intent: str) -> set[str]:
        """Every wording of an answer."""
        return {fill(text, self.pack.facts) for text in self.pack.texts(language).replies[intent]}

    def system(self, code: str, key: str, /, **values: str) -> str:
        """A text about the bot or the handoff."""
        return fill(self.pack.texts(code).system[key], {**self.pack.facts, **values})

    def asks(self, language: str, flow: str, slot: str) -> str:
        """A flow's question."""
        return fill(self.pack.texts(language).flows[flow].slots[slot].ask, self.pack.facts)

    def resumes(self, language: str, flow: str) -> str:
        """What is said when a flow goes on."""
        return self.system(language, "flow_resumed", title=self.pack.texts(language).flows[flow].title)

    def outcome(self, language: str, flow: str, outcome: str, **values: str) -> str:
        """How an action went."""
        template = self.pack.texts(language).flows[flow].outcomes[outcome]
        return fill(template, {**self.pack.facts, **values})

    def labels(self, language: str) -> dict[str, str]:
        """Intents by the labels of their buttons."""
        return {label: intent for intent, label in self.pack.texts(language).labels.items()}

    def opens(self, language: str, intent: str) -> set[str]:
        """What can be said first to an intent: an answer, or a flow's first question."""
        flow = self.pack.flow_for(intent)
        if flow is not None:
            return {self.asks(language, flow.name, next(iter(flow.slots)))}
        return self.replies(language, intent)
