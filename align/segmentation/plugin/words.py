"""Stop words, numerals and example sentences of the languages that spaCy lacks."""

from __future__ import annotations

from align.segmentation.lang import words

STOP_WORDS = {
    "kk": words("""
        ал алайда арқылы және бар барлық бәрі без бен біз бізге біздің бір бірақ бірге бойы бойынша бол болады болған болды
        болып бұл бұны бұрын да де деген деді деп дейін ғана ғой егер едi еді ек екен ең енді ет етті еш әлде әр әрбір әрі
        жақын же жоқ жөнінде кейбір кейін келе керек көп қазір қайда қай қалай қандай қана қарай қарсы мен менен менің мына
        мынау не неге немесе ол олар оған олай онда оны оның осы осылай өз өзі өте пен сен сенің сіз сіздің сол соған сондай
        сонда соң сондықтан тағы тек туралы тіпті үшін шейін
    """),
    "uz": words("""
        agar albatta ammo ana asosan balki barcha ba'zi bilan bir biroq biz bizning bo'lgan bo'ldi bo'lib bo'ladi bo'yicha bu
        buni bunga bunda butun chunki da deb degan edi ega ekan emas endi esa faqat ga ham hamma hammasi har hatto hech hozir
        juda kabi kerak keyin kim ko'p lekin men mening mana masalan mumkin na nega nima o'sha o'z qadar qanday qaysi qilib
        sababli sen seni shu shunday shuning siz sizning so'ng tomonidan u uchun ular ularni ularning uni uning ushbu va
        yoki yo'q yana
        агар албатта аммо ана асосан балки барча баъзи билан бир бироқ биз бизнинг бўлган бўлди бўлиб бўлади бўйича бу
        буни бунга бунда бутун чунки да деб деган эди эга экан эмас энди эса фақат га ҳам ҳамма ҳаммаси ҳар ҳатто ҳеч ҳозир
        жуда каби керак кейин ким кўп лекин мен менинг мана масалан мумкин на нега нима ўша ўз қадар қандай қайси қилиб
        сабабли сен сени шу шундай шунинг сиз сизнинг сўнг томонидан у учун улар уларни уларнинг уни унинг ушбу ва
        ёки йўқ яна
    """),
    "tg": words("""
        агар аз аммо ана анқариб ба бад баъд баъзе балки бар баро барои бе беҳ бисёр бо боз буд буданд будааст вай вале ва
        гарчи гуна дар даст дигар ё зеро имрӯз ин инак инҳо инчунин кард карда ки кӣ куҷо ман мо мавриди мебошад метавонад
        мешавад на назди набуд низ нисбат ҳам ҳама ҳамин ҳамон ҳамчунин ҳанӯз ҳар ҳаргиз ҳаст ҳатто ҳеҷ ҳоло он онҳо оё пас
        пеш пушти рӯи сабаби танҳо ту то тавассути худ чаро чӣ чун чунин чунки шавад шояд шуд шуда шудааст шумо як ӯ аст
        ҳангоми тибқи
    """),
    "tk": words("""
        arasynda aslynda bar barada başga belki ben bilen bir biraz biri birnäçe biz biziň bolan boldy bolup bolýar boýunça
        bu bular buňa bunda bütin çenli çünki da däl de diýen diýip diýdi dogry eger edip eýsem emma ene gaty gerek görä
        gora haçan hakda hakynda hatda hem hemme her hiç hökmünde häzir ikisi indi iň kim käbir köp men meniň mundan muny
        munuň nähili name näçe näme nirä niçik ol olar olaryň ony onuň öz özi pes saňa sebäpli sen seniň siz siziň soň soňra
        şeýle şol şonda şu şunda tarapyndan tä üçin üstünde we wagtynda ýa ýa-da ýaly ýene ýok ýöne
    """),
}
NUMERALS = {
    "kk": words("""
        нөл бір екі үш төрт бес алты жеті сегіз тоғыз он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан жүз мың миллион
        миллиард триллион жарты жарым бірінші екінші үшінші төртінші бесінші алтыншы жетінші сегізінші тоғызыншы оныншы
        жүзінші мыңыншы
    """),
    "uz": words("""
        nol bir ikki uch to'rt besh olti yetti sakkiz to'qqiz o'n yigirma o'ttiz qirq ellik oltmish yetmish sakson to'qson
        yuz ming million milliard trillion yarim birinchi ikkinchi uchinchi to'rtinchi beshinchi oltinchi yettinchi
        sakkizinchi to'qqizinchi o'ninchi yuzinchi minginchi
        нол бир икки уч тўрт беш олти етти саккиз тўққиз ўн йигирма ўттиз қирқ эллик олтмиш етмиш саксон тўқсон
        юз минг миллион миллиард триллион ярим биринчи иккинчи учинчи тўртинчи бешинчи олтинчи еттинчи
        саккизинчи тўққизинчи ўнинчи юзинчи мингинчи
    """),
    "tg": words("""
        сифр як ду се чор чаҳор панҷ шаш ҳафт ҳашт нуҳ даҳ ёздаҳ дувоздаҳ сездаҳ чордаҳ понздаҳ шонздаҳ ҳабдаҳ ҳаждаҳ нуздаҳ
        бист сӣ чил панҷоҳ шаст ҳафтод ҳаштод навад сад дусад сесад чорсад панҷсад ҳазор миллион миллиард ним якум дуюм сеюм
        чорум панҷум шашум ҳафтум ҳаштум нуҳум даҳум
    """),
    "tk": words("""
        nol bir iki üç dört bäş alty ýedi sekiz dokuz on ýigrimi otuz kyrk elli altmyş ýetmiş segsen togsan ýüz müň million
        milliard trillion ýarym birinji ikinji üçünji dördünji bäşinji altynjy ýedinji sekizinji dokuzynjy onunjy ýüzünji
        müňünji
    """),
}
EXAMPLES = {
    "kk": [
        "Кеше облыс орталығында 3 жаңа мектеп ашылды.",
        "«Су құбыры келесі жылы салынады», — деді әкім.",
        "Проф. Ә. Оспанов 1998 ж. бері осы институтта жұмыс істейді.",
        "Сен қашан қайтасың?",
    ],
    "uz": [
        "Kecha viloyat markazida 3 ta yangi maktab ochildi.",
        "“Suv quvuri kelasi yili quriladi”, — dedi hokim.",
        "Проф. Ў. Содиқов 1998 йилдан бери шу институтда ишлайди.",
        "Sen qachon qaytasan?",
    ],
    "tg": [
        "Дирӯз дар маркази вилоят 3 мактаби нав кушода шуд.",
        "«Қубури об соли оянда сохта мешавад», — гуфт раис.",
        "Проф. Ғ. Саидов аз соли 1998 дар ин донишкада кор мекунад.",
        "Ту кай бармегардӣ?",
    ],
    "tk": [
        "Düýn welaýat merkezinde 3 sany täze mekdep açyldy.",
        "“Suw geçiriji geljek ýyl gurlar” diýip, häkim aýtdy.",
        "Prof. Ş. Annaýew 1998-nji ýyldan bäri şu institutda işleýär.",
        "Sen haçan gaýdýarsyň?",
    ],
}
