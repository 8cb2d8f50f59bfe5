"""Word lists that languages of one alphabet share."""

from __future__ import annotations

from align.segmentation.lang import words

CYRILLIC_BEFORE = words("""
        Dr Mr Mrs Ms Prof St г-н г-жа д-р проф акад доц канд т.е т.к т.н напр ул пер пр-т просп наб мкр корп моб подполк
    """)
CYRILLIC_AFTER = words("""
        г гг в вв тыс млн млрд трлн руб коп долл обл р-н кв шт экз чел мин сек мес ст см им гр св рис табл стр л.с
        н.э изд янв февр фев апр авг сент окт нояб ноя дек пн вт ср чт пт сб вс мл
    """)
CYRILLIC_NUMBER = words("ст стр рис табл гл пп разд прим подп № тел")

LATIN_BEFORE = words("""
        Dr Mr Mrs Ms Prof Doc Acad Akad prof akad dots doc dr mr mrs St Mt Gen Col Lt Sgt Capt cf e.g i.e
    """)
LATIN_AFTER = words("""
        mln mlrd trln bn min sek Inc Ltd Co Corp Jr Sr Bros LLC a.m p.m vs U.S U.K U.N tel Jan Feb Aug Sept Oct Nov
        Dec fev apr iyn avg okt noy
    """)
LATIN_NUMBER = words("No Nr nr p pp vol Vol fig Fig art Art sec № tel")

AGENCIES = words("""
        kazinform казинформ қазақпарат казак qazaqparat ўза уза oʻza o'za uza azərtac azertac азертадж апа apa trend
        тасс tass интерфакс interfax akipress кабар kabar ховар khovar tdh тдх татар-информ tatar-inform aa dha iha
        i̇ha ap reuters рейтер afp upi dpa xinhua синьхуа sputnik дунё dunyo report риа анадолу anadolu амит
        түрікменхабар
    """)
"""News agencies that sign the dateline of a report, in lower case."""
