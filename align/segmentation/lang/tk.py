"""Turkmen."""

from __future__ import annotations

from align.segmentation.lang import LanguageData, words
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.LATIN_BEFORE | words("ser mes köç şaýoly red t.y.k f.y.k t.y.d"),
    number=c.LATIN_NUMBER | words("sah sag mad böl s j m t b surat"),
    after=c.LATIN_AFTER | words("polk ý ýý ş j m.ö b.e.öň b.e asyr köç kw müň etr wel h dek") - words("asyr müň"),
    final=words("we_ş.m we_b we_başg we_beýl we_ş.m.b we_s we_ş t.b"),
    words=words("ol o e"),
    starters=words("""
        bu ol olar şol onuň olaryň munuň muny munda mundan munuň_ýaly şeýle şonda şonuň şoňa oňa ony onda ondan emma
        ýöne eger indi häzir häzirki şu şu_gün bugün düýn ertir soňra soň ilki öň men meniň biz biziň siz siziň sen
        her hiç ähli köp käbir bir iki üç dört bäş birinji ikinji üçünji täze beýleki başga meselem sebäbi diýmek
        ýagny näme haçan nirede kim nähili diňe hatda resminama kanun taslama ýygnakda duşuşykda çärede bellemeli
        umuman geçen soňky netijede mundan_başga şonuň_üçin aşakda iň ýene şeýlelikde
    """),
    speech=words("diýdi diýýär diýip sorady aýtdy gygyrdy jogap belledi"),
    months=words("""
        ýanwar fewral mart aprel maý iýun iýul awgust sentýabr oktýabr noýabr dekabr türkmenbaşy baýdak nowruz
        gurbansoltan magtymguly
    """),
    years=words("ýyl ýyly ýylda ýylyň ýylky ýyldan ýyllarda"),
    sections=words("madda bap bölüm bölek bent goşundy tablisa surat paragraf"),
    ordinals=words("birinji ikinji üçünji dördünji bäşinji altynjy ýedinji sekizinji dokuzynjy onunjy"),
    labels=words("""
        surat foto awtor awtory çeşme wideo görlen okalan tegler teg tekst taýýarlan teswirler redaktor
    """),
    buttons=words("paýlaş mahabat giňişleýin baş_sahypa çap_et"),
    days=words("şu gün bugün düýn sagat minut öň täzelendi"),
    salutations=words("hormatly gadyrly hormatlamak_bilen salam mähriban"),
    hanging=words("""
        we bilen ýa ýa-da üçin barada boýunça arkaly çenli hökmünde her iň bu bir arasynda garşy ýaly
    """),
    frequent="tk",
)
