#!/usr/bin/env python3
"""Writes NormalizationTable.swift and ScriptTable.swift in Sources/MartletText/Pipeline/Text.

usage: unicode_tables.py        (needs the packages tokenizers and regex; the versions are written into the files)

The tokenizers of Hugging Face follow the Unicode version that their normaliser was built with, and so must the
numbers: the mappings are asked of the normalisers themselves, scalar by scalar. Combining classes are Python's, kept
where the normaliser reorders by them.

Each table is a row of variable-length integers (seven bits a byte, low ones first), written in base 64:
canonical and compatibility: step from the scalar before, count, scalars; compatibility has what differs from canonical.
compositions: first, second, composed. classes: step from the range before, length, class.
scripts: step from the range before, length, number of the script; the script as the pre-tokenizer UnicodeScripts has it,
which knows an older Unicode: zero for what it does not know.
"""

import base64
import pathlib
import unicodedata

import regex
import tokenizers
from tokenizers import normalizers, pre_tokenizers

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "Sources/MartletText/Pipeline/Text"
SCRIPTS = """Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Beria_Erfe
Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee
Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan
Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi
Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited
Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui
Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari
New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian
Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene
Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sidetic
SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham
Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto
Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square""".split()
SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)
MARK = "\u0345"  # the highest combining class: everything that has one moves before it


def varint(value):
    """Seven bits a byte, low ones first."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return out


def mappings(normalizer):
    """What every scalar but Hangul syllables becomes, where that is something else."""
    result = {}
    for value in SCALARS:
        if value < 0x80 or value in HANGUL:
            continue
        text = normalizer.normalize_str(chr(value))
        if text != chr(value):
            result[value] = [ord(c) for c in text]
    return result


def packed(table):
    """A table of mappings as bytes."""
    out, last = bytearray(), 0
    for value, scalars in sorted(table.items()):
        out += varint(value - last) + varint(len(scalars))
        for scalar in scalars:
            out += varint(scalar)
        last = value
    return bytes(out)


def compositions(canonical, nfc):
    """Every pair that becomes one scalar."""
    out = []
    for value in canonical:
        raw = unicodedata.decomposition(chr(value))
        if not raw or raw.startswith("<"):
            continue
        parts = [int(part, 16) for part in raw.split()]
        if len(parts) == 2 and nfc.normalize_str("".join(map(chr, parts))) == chr(value):
            out.append((parts[0], parts[1], value))
    return sorted(out)


def classes(nfd):
    """Ranges of one combining class."""
    ranges = []
    for value in SCALARS:
        combining = unicodedata.combining(chr(value))
        if combining == 0:
            continue
        if value != ord(MARK) and nfd.normalize_str("a" + MARK + chr(value)).endswith(chr(value)):
            if len(nfd.normalize_str(chr(value))) == 1 and nfd.normalize_str(chr(value)) == chr(value):
                continue
        if ranges and ranges[-1][1] == value and ranges[-1][2] == combining:
            ranges[-1][1] = value + 1
        else:
            ranges.append([value, value + 1, combining])
    return ranges


def literal(name, comment, data):
    """A static string of base 64, in lines."""
    text = base64.b64encode(data).decode()
    lines = [text[i : i + 88] + "\\" for i in range(0, len(text), 88)]
    lines[-1] = lines[-1][:-1]
    body = "\n".join("        " + line for line in lines)
    return f'    /// {comment}\n    static let {name}: StaticString = """\n{body}\n        """\n'


def scripts():
    """The script of every scalar by its number from 1, in today's Unicode; zero where there is none."""
    result = [0] * 0x110000
    for number, name in enumerate(SCRIPTS, 1):
        try:
            pattern = regex.compile(rf"\p{{Script={name}}}+")
        except regex.error:
            continue
        for match in pattern.finditer("".join(map(chr, SCALARS))):
            for character in match.group():
                result[ord(character)] = number
    return result


def split_scripts(today):
    """The script of every scalar as UnicodeScripts has it: what does not split from a scalar of a script is of it."""
    splitter = pre_tokenizers.UnicodeScripts()

    def differ(one, other):
        return len(splitter.pre_tokenize_str(one + other)) == 2

    examples = {}
    for value in SCALARS:
        number = today[value]
        if number and number not in examples and differ(chr(value), "a") | differ(chr(value), "\u0416"):
            examples[number] = chr(value)
    result = [0] * 0x110000
    unexpected = 0
    for value in SCALARS:
        text = chr(value)
        if not differ(text, "a") and not differ(text, "\u0416"):
            continue
        number = today[value]
        if number in examples and not differ(text, examples[number]):
            result[value] = number
            continue
        unexpected += 1
        result[value] = next(n for n, example in examples.items() if not differ(text, example))
    print(f"{unexpected} scalars are of another script in UnicodeScripts")
    return result


def ranges(numbers):
    """Runs of one number other than zero, packed."""
    out, last, value = bytearray(), 0, 0
    while value < len(numbers):
        end = value + 1
        while end < len(numbers) and numbers[end] == numbers[value]:
            end += 1
        if numbers[value]:
            out += varint(value - last) + varint(end - value) + varint(numbers[value])
            last = value
        value = end
    return bytes(out)


def write(name, sentence, versions, parts):
    """Writes one file of tables."""
    head = (
        f"// Made by Tools/unicode_tables.py with {versions}; not to be changed by hand.\n\n"
        f"/// {sentence}\nenum {name} {{\n"
    )
    path = FOLDER / f"{name}.swift"
    path.write_text(head + "\n".join(parts) + "}\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def main():
    """Asks the normalisers and writes the file."""
    nfd, nfkd, nfc = normalizers.NFD(), normalizers.NFKD(), normalizers.NFC()
    canonical = mappings(nfd)
    compatible = {v: t for v, t in mappings(nfkd).items() if canonical.get(v) != t}
    pairs = bytearray()
    for first, second, composed in compositions(canonical, nfc):
        pairs += varint(first) + varint(second) + varint(composed)
    combining, last = bytearray(), 0
    for start, end, value in classes(nfd):
        combining += varint(start - last) + varint(end - start) + varint(value)
        last = start
    parts = [
        literal("canonical", "Full canonical decompositions, without Hangul.", packed(canonical)),
        literal("compatible", "Full compatibility decompositions that differ from the canonical.", packed(compatible)),
        literal("compositions", "Pairs that compose, without Hangul.", bytes(pairs)),
        literal("classes", "Ranges of combining classes other than zero.", bytes(combining)),
    ]
    versions = f"tokenizers {tokenizers.__version__}"
    sentence = "The tables of Unicode normalisation, as ``Normalization`` unpacks them."
    write("NormalizationTable", sentence, versions, parts)
    today = scripts()
    names = "".join(f'        "{name.lower().replace("_", "")}",\n' for name in SCRIPTS)
    parts = [
        f"    /// The names, in lower case; the first has number 1.\n    static let names = [\n{names}    ]\n",
        literal("today", "The script of each range.", ranges(today)),
        literal("splitting", "The same as UnicodeScripts has it.", ranges(split_scripts(today))),
    ]
    versions += f" and regex {regex.__version__}"
    write("ScriptTable", "The scripts of Unicode, as ``UnicodeScripts`` unpacks them.", versions, parts)


if __name__ == "__main__":
    main()
