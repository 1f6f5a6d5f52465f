"""Texts that are hard for tokenizers, and a small corpus to train tokenizers on; both are made here."""

import random

HARD = [
    "",
    " ",
    "a",
    "Hello world",
    "  two  spaces   three    four ",
    "Hello, y'all! How are you 😁 ?",
    "I'm you're we've they'll he'd it's DON'T Can'T I'LL 'S 's'",
    "it'\u017f and '\u017f",
    "line\nbreak\r\nwindows\n\n\nthree\n \n  indented\tx\t\ty",
    "trailing space \n",
    "trailing spaces   ",
    "\n\n  \n",
    "x = {'a': [1, 2, 3]};  // comment\nif (x != y) { return -1; }",
    "def f(self):\n    return self.x ** 2\n\n\nclass A:\n\tpass\n",
    "1 12 123 1234 12345 1234567890 3.14159 1,000,000 0x1F 2e-10",
    "\u0661\u0662\u0663\u0664 \u00bd \u00b2 \u2162 \u2460 \uff11\uff12\uff13\uff14",
    "caf\u00e9 cafe\u0301 na\u00efve \u00c5ngstro\u0308m A\u030a \u212b \ufb01ne \ufb03",
    "e\u0301\u0327 e\u0327\u0301 a\u0315\u0300\u05ae\u0062 \u1e9b\u0323",
    "\uac00\uac01 \u1100\u1161 \u1100\u1161\u11a8 \ud55c\uad6d\uc5b4 \ud55c\uae00",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002",
    "\u4e2d\u56fd\u7684\u7ecf\u6d4e\u53d1\u5c55 mixed \u4e2d\u6587 and English\u4e2d\u6587English",
    "\u3053\u3093\u306b\u3061\u306f \u30ab\u30bf\u30ab\u30ca \uff76\uff80\uff76\uff85 \u30fc",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e \u0915\u094d\u0937",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0644\u0627",
    "\u202eright to left\u202c \u200fmark\u200e",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family",
    "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1ef flags",
    "\U0001f44d\U0001f3fd\U0001f44d \u2764\ufe0f \u263a",
    "\U0001f600\U0001f600\U0001f600",
    "\u0000nul\u0001\u0007\u007f\u0080\u009f control",
    "\ue000\uf8ff\U000f0000\U0010fffd private",
    "\ufdd0\ufffe\uffff\U0001ffff noncharacters",
    "\ufffd replacement \ufeffbom \u00ad soft \u200b zero \u2060 joiner",
    "\u00a0nbsp\u00a0\u2003em\u3000ideographic\u1680ogham\u2028line\u2029para\u0085nel",
    "\uff28\uff45\uff4c\uff4c\uff4f\u3000\uff37\uff4f\uff52\uff4c\uff44\uff01",
    "a" * 110,
    "ab" * 60,
    " " * 40,
    "!" * 30 + "?" * 25,
    "0" * 50,
    "\u4e2d" * 36,
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "\u2581already\u2581marked \u2581\u2581twice",
    "\u0120already\u0120visible",
    "##prefix ##ing un##known",
    "<s>special</s> <unk> [CLS] [SEP] [MASK] <pad> <|endoftext|>",
    "text<|endoftext|>more <|endoftext|> spaced<s>x</s>  </s>",
    " <mask> left  <mask>  both <mask>",
    "extra word extraword EXTRA Extra extra\u0301 extra.",
    "<0x41><0x0A> literal bytes <0xZZ>",
    "\u0130stanbul I\u0307 \u0131 \u00df \u1e9e \u03a3\u03c3\u03c2 \u01c5 \u0149 \ufb05\ufb06",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0419 \u0438\u0306 \u0451 \u0435\u0308",
    "\u0391\u03b8\u03ae\u03bd\u03b1 \u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9 \u1fc3",
    "http://example.com/a/b?c=d&e=f#g user@example.org C:\\path\\file.txt",
    "\u00e0\u00e9\u00ee\u00f5\u00fc \u00c0\u00c9\u00ce\u00d5\u00dc \u0104\u0119\u015b\u0142\u017c",
    "$5 \u20ac10 \u00a3 \u00a5 5% 10\u2030 \u00b0C \u00b1 \u00d7 \u00f7 \u2211 \u221a \u221e",
    "\u2018single\u2019 \u201cdouble\u201d \u00abguillemets\u00bb \u2013 \u2014 \u2026 \u00b7 \u2022",
    "snake_case camelCase PascalCase SCREAMING_CASE kebab-case HTMLParser XMLHttp2",
    "\u10d0\u10d1\u10d2 \u1c90\u1c91 \u0561\u0562 \u13a0\uab70 \U00010400\U00010428 \U0001e900\U0001e922",
    "\u0f40\u0fb5 \u0f71\u0f72 \u17c1\u17c4 \u1b35 \u302e \u20dd",
    "mixed\u0300\u0301\u0302\u0303\u0304marks\u0323 x\u0300y",
    "a\u200db\u200cc \U000e0061 \ufe0e",
    "\u3000\u3000\u6bb5\u843d\u5f00\u5934\u3000\u5168\u89d2\u7a7a\u683c",
    "\t\ttabs \t mixed \t",
    ".hidden ...dots.. !? ;; --flag ==eq== //path/ /\n/",
    "The quick brown fox jumps over the lazy dog. The Quick Brown Fox.",
]

WORDS = """the of and to in that he was for on are with as his they be at one have this from or had by word but what some we can
out other were all there when up use your how said an each she which do their time if will way about many then them write
would like so these her long make thing see him two has look more day could go come did number sound no most people my over
know water than call first who may down side been now find any new work part take get place made live where after back
little only round man year came show every good me give our under name very through just form sentence great think say help
low line differ turn cause much mean before move right boy old too same tell does set three want air well also play small
end put home read hand port large spell add even land here must big high such follow act why ask men change went light kind
off need house picture try us again animal point mother world near build self earth father running walked jumping unhappy
unkindness hello spaces mixed english windows return class self example""".split()
HAN = "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市"


def corpus(seed=7):
    """Lines of English, Chinese, code and rarer scripts; the same every time."""
    source = random.Random(seed)
    lines = list(HARD)
    for _ in range(1500):
        words = [source.choice(WORDS) for _ in range(source.randint(3, 14))]
        words = [w.capitalize() if source.random() < 0.1 else w for w in words]
        line = " ".join(words) + source.choice([".", "!", "?", "", ";"])
        if source.random() < 0.3:
            line += f" {source.randint(0, 5000)} " + source.choice(["(x)", "'s", "'ll", "a_b", "x = y + 1;"])
        lines.append(line)
    for _ in range(400):
        lines.append("".join(source.choice(HAN[:80]) for _ in range(source.randint(4, 20))) + "\u3002")
    return lines
