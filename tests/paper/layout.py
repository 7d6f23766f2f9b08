#!/usr/bin/python3
"""Measures papers against NĐ 30/2020/NĐ-CP (Phụ lục I to III), and tries them with names that are hard to print.

Usage: layout.py PROGRAM, which is the built tests/paper/print. Needs poppler-utils and python3-docx; what LibreOffice makes of the Word
document is looked at where it is installed.
"""
import collections
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import unittest
import xml.etree.ElementTree as xml
import zipfile

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
ROWS = 200
HARD = 'Phòng "Một cửa" & <Hành chính> ' + "Trường Trung học phổ thông chuyên Quang Trung, Ủy ban nhân dân thành phố Đồng Xoài " * 2
HARD = HARD[:200].strip()
Word = collections.namedtuple("Word", "page text left top right bottom")
Text = collections.namedtuple("Text", "page size bold italic left top text")


class Papers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.pdf, cls.docx = cls.print("pdf"), cls.print("docx")
        cls.words = cls.read_words(cls.pdf)
        cls.texts = cls.read_texts(cls.pdf)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def print(cls, form, rows=ROWS, name=HARD, more=0):
        path = os.path.join(cls.folder.name, f"{abs(hash((form, rows, name, more)))}.{form}")
        subprocess.run([PROGRAM, form, str(rows), name, path, "1", str(more)], check=True, stdout=subprocess.DEVNULL)
        return path

    @staticmethod
    def tool(*command):
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    @classmethod
    def read_words(cls, path):
        page, found, number = "{http://www.w3.org/1999/xhtml}page", [], 0
        for number, sheet in enumerate(xml.fromstring(cls.tool("pdftotext", "-bbox", path, "-")).iter(page), 1):
            found += [Word(number, w.text, *(float(w.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))) for w in sheet]
        return found

    @classmethod
    def read_texts(cls, path):
        found = []
        for number, sheet in enumerate(xml.fromstring(cls.tool("pdftohtml", "-xml", "-i", "-zoom", "1", "-stdout", path)), 1):
            sizes = cls.sizes if number > 1 else {}
            sizes.update({spec.get("id"): float(spec.get("size")) for spec in sheet.iter("fontspec")})
            cls.sizes = sizes
            end = None  # of the piece before: letters of one line come in pieces, by the fonts' subsets
            for text in sheet.iter("text"):
                piece = "".join(text.itertext())
                left, top, width = (float(text.get(name)) for name in ("left", "top", "width"))
                if end and abs(top - end[1]) <= 1 and -1 <= left - end[0] <= 8:
                    found[-1] = found[-1]._replace(text=found[-1].text + piece)
                else:
                    found.append(Text(number, sizes[text.get("font")], text.find(".//b") is not None, text.find(".//i") is not None, left, top, piece))
                end = left + width, top
        return found

    def text(self, words, page=None):
        matching = [t for t in self.texts if t.text.startswith(words) and (page is None or t.page == page)]
        self.assertTrue(matching, f"{words!r} is not printed")
        return matching[0]

    # ---- pages ----

    def test_pages_are_a4_and_only_the_last_lies_across(self):
        sizes = re.findall(r"Page +(\d+) size: +([\d.]+) x ([\d.]+)", self.tool("pdfinfo", "-l", "999", self.pdf))
        for number, width, height in sizes:
            expected = A4[::-1] if int(number) == len(sizes) else A4
            self.assertAlmostEqual(float(width), expected[0], delta=0.5)
            self.assertAlmostEqual(float(height), expected[1], delta=0.5)

    def test_margins(self):
        last = max(w.page for w in self.words)
        body = [w for w in self.words if w.page < last and not (w.top < 20 * MM and w.text.isdigit())]
        self.assertGreaterEqual(min(w.left for w in body), 30 * MM)
        self.assertLessEqual(min(w.left for w in body), 35 * MM + 6)  # a table's text stands a little inside
        self.assertLessEqual(max(w.right for w in body), A4[0] - 15 * MM)
        self.assertGreaterEqual(max(w.right for w in body), A4[0] - 21 * MM)
        self.assertGreaterEqual(min(w.top for w in body), 20 * MM)
        self.assertLessEqual(min(w.top for w in body if w.page == 1), 26 * MM)
        self.assertLessEqual(max(w.bottom for w in body), A4[1] - 20 * MM + 1)

    def test_page_numbers_stand_in_the_top_margin_but_not_on_first_pages(self):
        last = max(w.page for w in self.words)
        above = {w.page: w for w in self.words if w.bottom < 20 * MM}
        self.assertEqual({page: w.text for page, w in above.items()}, {page: str(page - 1) for page in range(3, last)})  # the annex is page 2
        middle = 35 * MM + (A4[0] - 55 * MM) / 2
        for word in above.values():
            self.assertAlmostEqual((word.left + word.right) / 2, middle, delta=2)
        self.assertEqual({t.size for t in self.texts if t.text.isdigit() and t.top < 20 * MM and t.page > 2}, {14})

    # ---- letters ----

    def test_head(self):
        nation, motto = self.text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), self.text("Độc lập - Tự do - Hạnh phúc")
        self.assertEqual((nation.bold, nation.italic, motto.bold, motto.italic), (True, False, True, False))
        self.assertIn((nation.size, motto.size), [(12, 13), (13, 14)])
        superior, issuer = self.text("ỦY BAN NHÂN DÂN"), self.text("SỞ NỘI VỤ")
        self.assertEqual((superior.bold, issuer.bold), (False, True))
        self.assertTrue({superior.size, issuer.size} <= {12, 13})
        self.assertLess(superior.top, issuer.top)
        number, place = self.text("Số: 05/QĐ-SNV"), self.text("Bình Phước, ngày 05 tháng 02 năm 2025")
        self.assertEqual((number.size, number.bold, number.italic), (13, False, False))
        self.assertEqual((place.bold, place.italic), (False, True))
        self.assertIn(place.size, (13, 14))
        self.assertAlmostEqual(number.top, place.top, delta=3)
        self.assertLess(issuer.left, nation.left)

    def test_titles_and_text(self):
        for words in ("QUYẾT ĐỊNH", "Về việc khen thưởng", "GIÁM ĐỐC SỞ NỘI VỤ", "QUYẾT ĐỊNH:", "Điều 1.", "1. Phần thứ nhất", "DANH SÁCH"):
            text = self.text(words)
            self.assertTrue(text.bold and not text.italic and text.size in (13, 14), text)
        self.assertTrue(self.text("Căn cứ Luật").italic and self.text("Căn cứ Luật").size in (13, 14))
        self.assertTrue(self.text("Căn cứ Luật").text.endswith(";") and self.text("Theo đề nghị").text.endswith("."))
        indent = self.text("Điều 1.").left - 35 * MM
        self.assertTrue(10 * MM - 1 <= indent <= 12.7 * MM + 1, indent)

    def row(self, first, last):
        """From where to where the words of one line on page 1 go, and how deep."""
        begin = next(w for w in self.words if w.page == 1 and w.text == first)
        end = next(w for w in self.words if w.page == 1 and w.text == last and w.top == begin.top)
        return begin.left, end.right, end.bottom

    def test_lines_under_the_head_and_the_title(self):
        """Phụ lục I, mục II: in the middle under the issuer and the subject, ⅓ to ½ as long as they are, and under the motto as long as it is."""
        drawn = self.tool("pdftocairo", "-svg", "-l", "1", self.pdf, "-")
        solid = r'miterlimit:10;" d="M ([\d.]+) ([\d.]+) L ([\d.]+) \2 " transform="matrix\(([\d.]+),0,0,\4,0,([\d.]+)\)'
        lines = [(a * scale, b * scale, y * scale + down) for a, y, b, scale, down in (map(float, m) for m in re.findall(r'stroke-opacity:1;stroke-' + solid, drawn))]
        rows = [self.row("SỞ", "VỤ"), self.row("Độc", "phúc"), self.row("Về", "sắc")]
        for (left, right, depth), (begin, end, bottom), (least, most) in zip(lines, rows, ((1 / 3, 1 / 2), (0.98, 1.02), (1 / 3, 1 / 2)), strict=True):
            self.assertTrue(least <= (right - left) / (end - begin) <= most, (left, right, begin, end))
            self.assertAlmostEqual(left + right, begin + end, delta=3)
            self.assertTrue(-1 <= depth - bottom <= 8, (depth, bottom))

    def test_paragraphs_are_justified_and_stand_apart(self):
        """Phụ lục I, mục II: both margins are even, the first line goes in by 10 or 12.7 mm, and 6 pt at least lie between."""
        first, following = (next(w.top for w in self.words if w.page == 1 and w.text == text) for text in ("Điều", "Phần"))
        lines = collections.defaultdict(list)
        for word in self.words:
            if word.page == 1 and first <= word.top < following:
                lines[word.top].append(word)
        tops = sorted(lines)
        for top in tops[:-1]:
            self.assertAlmostEqual(max(w.right for w in lines[top]), A4[0] - 20 * MM, delta=1)
        for top in tops[1:]:
            self.assertAlmostEqual(min(w.left for w in lines[top]), 35 * MM, delta=1)
        self.assertGreaterEqual(self.text("Theo đề nghị").top - self.text("Căn cứ Luật").top, tops[1] - tops[0] + 5)  # whole points
        body = [p for p in docx.Document(self.docx).paragraphs if p.text.startswith(("Căn cứ", "Theo đề nghị", "Điều 1.", "Điều 2."))]
        for form in (p.paragraph_format for p in body):
            self.assertTrue(form.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY and form.space_after.pt >= 6 and 10 <= form.first_line_indent.mm <= 12.8)
        self.assertEqual(len(body), 4)

    def test_signature_and_recipients(self):
        capacity, deputy, name = self.text("KT. GIÁM ĐỐC"), self.text("PHÓ GIÁM ĐỐC"), self.text("Nguyễn Văn A")
        self.assertTrue(all(t.bold and t.size in (13, 14) for t in (capacity, deputy, name)))
        self.assertGreater(name.top - deputy.top, 20 * MM)
        label, first, kept = self.text("Nơi nhận:"), self.text("- Như Điều 3;"), self.text("- Lưu: VT, NC.")
        self.assertEqual((label.size, label.bold, label.italic, first.size, first.bold), (12, True, True, 11, False))
        self.assertLess(label.left, capacity.left)
        self.assertLess(first.top, kept.top)
        secretary, chair = self.text("THƯ KÝ"), self.text("CHỦ TỌA")
        self.assertLess(secretary.left, chair.left)

    def test_no_signature_and_no_heading_stands_alone(self):
        """However far down they stand: the last line of the text is on the signature's page, and what follows a heading on its page.
        Lines and paragraphs move them by 18 and 24 pt."""
        pages = collections.defaultdict(set)
        for lines, more in itertools.product(range(0, 54, 18), range(1, 10)):
            found = [" ".join(page.split()) for page in self.tool("pdftotext", self.print("pdf", 1, "dài " * lines, more), "-").split("\f")]
            for words, beside in (("KT. GIÁM ĐỐC", "kể từ ngày ký./."), ("2. Phần thứ hai", "Đoạn này dài")):
                page, = [number for number, page in enumerate(found) if words in page]
                self.assertIn(beside, found[page], (lines, more))
                pages[words].add(page)
        self.assertEqual((pages["KT. GIÁM ĐỐC"], pages["2. Phần thứ hai"]), ({0, 1}, {0, 1}))

    def test_fonts_are_embedded(self):
        lines = self.tool("pdffonts", self.pdf).splitlines()[2:]
        self.assertTrue(lines)
        for line in lines:
            self.assertRegex(line, r"^[A-Z]{6}\+LiberationSerif")
            self.assertEqual(line.split()[-5:-2], ["yes"] * 3, line)

    # ---- lists ----

    def test_a_list_goes_on_under_its_heading_and_splits_no_row(self):
        pages = collections.defaultdict(set)
        for word in self.words:
            mark = re.match(r"(?:Từ|Đến)(\d+)$", word.text)
            if mark:
                pages[int(mark[1])].add(word.page)
        self.assertEqual(sorted(pages), list(range(1, ROWS + 1)))
        self.assertTrue(all(len(found) == 1 for found in pages.values()))
        used = {page for found in pages.values() for page in found}
        self.assertGreater(len(used), 10)
        self.assertEqual({w.page for w in self.words if w.text == "STT"}, used)

    def test_hard_names_are_printed_as_they_are(self):
        names = {"short": "Hoà & <b>\"Hòa\"</b> 'Quý'", "decomposed": unicodedata.normalize("NFD", "Phòng Thủy lợi Ngữ"), "long": "Trường" * 33, "odd": "A\tB\x01\x7f�"}
        for name in names.values():
            shown = "".join(c for c in unicodedata.normalize("NFC", name).replace("\t", " ") if c >= " " and c != "\x7f")
            text = " ".join(self.tool("pdftotext", "-raw", self.print("pdf", 3, name), "-").split())
            self.assertTrue(unicodedata.is_normalized("NFC", text))
            self.assertIn("".join(f"Từ1 {shown} Đến1".split()), "".join(text.split()))
            document = docx.Document(self.print("docx", 3, name))
            self.assertEqual(document.tables[2].rows[2].cells[1].text, f"Từ1 {shown} Đến1")

    def test_a_row_that_no_page_can_hold_goes_on_over_pages(self):
        words = self.read_words(self.print("pdf", 2, "dài " * 3000))
        self.assertEqual(sum(w.text == "dài" for w in words), 9000)
        self.assertLessEqual(max(w.bottom for w in words), A4[1] - 20 * MM + 1)

    def test_500_nominees_and_too_many(self):
        self.assertEqual(sum(w.text.startswith("Đến") for w in self.read_words(self.print("pdf", 500, "x"))), 500)
        for form in ("pdf", "docx"):
            done = subprocess.run([PROGRAM, form, "9000", "x", os.devnull], capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (1, b"too large\n"))

    def test_the_same_paper_is_the_same_file(self):
        for form, made in (("pdf", self.pdf), ("docx", self.docx)):
            with open(made, "rb") as file:
                first = file.read()
            with open(self.print(form), "rb") as file:
                self.assertEqual(first, file.read())

    # ---- Word ----

    def test_word_document(self):
        self.assertIsNone(zipfile.ZipFile(self.docx).testzip())
        document = docx.Document(self.docx)
        for section in document.sections:
            self.assertTrue(section.different_first_page_header_footer)
            for margin, least, most in ((section.top_margin, 20, 25), (section.bottom_margin, 20, 25), (section.left_margin, 30, 35), (section.right_margin, 15, 20)):
                self.assertTrue(least - 0.1 <= margin.mm <= most + 0.1, margin.mm)
        self.assertEqual([s.orientation for s in document.sections], [WD_ORIENT.PORTRAIT, WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE])
        table = document.tables[2]
        self.assertEqual(len(table.rows), ROWS + 2)
        self.assertEqual(len(table._tbl.findall(".//{*}tblHeader")), 1)
        self.assertEqual(len(table._tbl.findall(".//{*}cantSplit")), ROWS + 2)
        self.assertEqual(document.styles.element.find(".//{*}rFonts").values()[0], "Times New Roman")
        self.assertIn(HARD, document.core_properties.title)

    def test_no_signature_of_a_word_document_stands_alone(self):
        """What is above it is kept with it, up to the last line of the text or the last row of a table."""
        body = docx.Document(self.docx).element.body
        signings = [t for t in body.iterchildren("{*}tbl") if any("GIÁM ĐỐC" in text.text or text.text == "THƯ KÝ" for text in t.iter("{*}t")) and t is not body[0]]
        self.assertEqual(len(signings), 2)
        above = []
        for signing in signings:
            kept = signing.getprevious()
            while not "".join(text.text for text in kept.iter("{*}t")):
                self.assertIsNotNone(kept.find("./{*}pPr/{*}keepNext"))
                kept = kept.getprevious()
            above.append(kept.tag.rpartition("}")[2])
            for paragraph in list(kept.iter("{*}tr"))[-1].iter("{*}p") if above[-1] == "tbl" else [kept]:
                self.assertIsNotNone(paragraph.find("./{*}pPr/{*}keepNext"))
        self.assertEqual(above, ["p", "tbl"])

    @unittest.skipUnless(shutil.which("soffice"), "LibreOffice is not installed")
    def test_libreoffice_opens_it_and_prints_the_same_words(self):
        home = f"-env:UserInstallation=file://{self.folder.name}/home"
        small = self.print("docx", 5)  # one page: others may be broken elsewhere
        subprocess.run(["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", self.folder.name, small], check=True, capture_output=True, timeout=100)
        printed = self.read_words(small.removesuffix("docx") + "pdf")
        own = self.read_words(self.print("pdf", 5))
        said, meant = (collections.Counter(w.text for w in words if w.text.strip(".")) for words in (printed, own))  # without dotted lines
        self.assertEqual(said, meant)

    @unittest.skipUnless(shutil.which("soffice"), "LibreOffice is not installed")
    def test_libreoffice_saves_it_with_the_same_words_tables_and_pages(self):
        """Whoever corrects a draft and saves it loses nothing: page sizes and margins, heads of tables, what a reader reads."""
        home, saved = f"-env:UserInstallation=file://{self.folder.name}/home", f"{self.folder.name}/saved"
        subprocess.run(["soffice", home, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", saved, self.docx], check=True, capture_output=True, timeout=100)
        before, after = docx.Document(self.docx), docx.Document(f"{saved}/{self.docx.rsplit('/', 1)[1]}")

        def read(document):
            return collections.Counter("".join(text.text or "" for text in paragraph.iter("{*}t")) for paragraph in document.element.body.iter("{*}p"))

        self.assertEqual({words: times for words, times in read(after).items() if words.strip()}, {words: times for words, times in read(before).items() if words.strip()})
        for own, theirs in zip(before.sections, after.sections, strict=True):
            for name in ("orientation", "page_width", "page_height", "left_margin", "right_margin"):
                self.assertAlmostEqual(getattr(own, name), getattr(theirs, name), delta=20000, msg=name)  # 914400 are an inch
        self.assertEqual([len(table.rows) for table in after.tables], [len(table.rows) for table in before.tables])
        self.assertEqual(len(after.tables[2]._tbl.findall(".//{*}tblHeader")), 1)

    @unittest.skipUnless(shutil.which("soffice"), "LibreOffice is not installed")
    def test_no_page_of_a_word_document_is_empty(self):
        """However far down its signature stands: what ends a section goes where the signature goes."""
        home = f"-env:UserInstallation=file://{self.folder.name}/home"
        made = [self.print("docx", 1, "dài " * times) for times in range(90, 145, 4)]
        subprocess.run(["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", self.folder.name, *made], check=True, capture_output=True, timeout=100)
        pages = []
        for path in made:
            found = self.tool("pdftotext", path.removesuffix("docx") + "pdf", "-").split("\f")[:-1]
            self.assertEqual([number for number, page in enumerate(found, 1) if len(page.split()) < 3], [])
            pages.append(len(found))
        self.assertGreater(len(set(pages)), 1)  # with some of them it goes over to the next page


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(argv=sys.argv)
