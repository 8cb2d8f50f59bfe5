"""Uzbek, in both of its alphabets."""

from __future__ import annotations

from align.segmentation.lang import LanguageData, words
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.CYRILLIC_BEFORE
    | c.LATIN_BEFORE
    | words("ko'ch кўч mas мас dots доц mav мав f.f.n f.f.d t.f.n t.f.d ф.ф.н ф.ф.д y.f.d ю.ф.д"),
    number=c.CYRILLIC_NUMBER | c.LATIN_NUMBER | words("qar қар b б m м t т q қ av ав rasm jadv bet бет"),
    after=c.CYRILLIC_AFTER
    | c.LATIN_AFTER
    | words("""
        o'zb ўзб resp респ исх вх исп gen ген polk полк y yy й йй asr sh ш vil вил tum тум m-n mahalla soʻm сўм ming
        минг soat mil.av мил.ав mil мил av ав dek дек m.a м.а ko'ch кўч t т km.kv кв.км r-n k кв d
    """)
    - words("ming минг asr soat mahalla soʻm сўм"),
    final=words("""
        va_b ва_б va_h.k ва_ҳ.к va_sh.k ва_ш.к va_h ва_ҳ va_boshq ва_бошқ h.k ҳ.к sh.k ш.к va_d va_shu_k
    """),
    words=words("u у bu бу e э"),
    starters=words("""
        bu u ular ushbu shu o'sha uning ularning bunda bunday bundan buning buni bunga unda undan unga uni ularga
        shunda shunday shuning shuningdek shundan shunga shuni biroq lekin ammo va agar endi hozir hozirda hozirgi
        bugun bugungi kecha ertaga keyin keyinroq so'ng so'ngra avval ilgari men mening biz bizning siz sizning sen
        har hech barcha ko'plab ayrim ba'zi bir ikki uch to'rt besh birinchi ikkinchi uchinchi yangi boshqa masalan
        chunki demak ya'ni negaki nega qachon qayerda kim nima qanday faqat hatto hujjat qonun loyiha tadbirda
        yig'ilishda uchrashuvda qayd ta'kidlash ma'lum shu_bois natijada ayni yana so'nggi quyida xususan jumladan
        balki ehtimol o'tgan joriy odatda dastlab umuman aslida бу у улар ушбу шу ўша унинг уларнинг бунда бундай
        бундан бунинг буни бунга унда ундан унга уни уларга шунда шундай шунинг шунингдек шундан шунга шуни бироқ
        лекин аммо ва агар энди ҳозир ҳозирда ҳозирги бугун бугунги кеча эртага кейин кейинроқ сўнг сўнгра аввал
        илгари мен менинг биз бизнинг сиз сизнинг сен ҳар ҳеч барча кўплаб айрим баъзи бир икки уч тўрт беш биринчи
        иккинчи учинчи янги бошқа масалан чунки демак яъни негаки нега қачон қаерда ким нима қандай фақат ҳатто
        ҳужжат қонун лойиҳа тадбирда йиғилишда учрашувда қайд таъкидлаш маълум натижада айни яна сўнгги қуйида
        хусусан жумладан балки эҳтимол ўтган жорий одатда дастлаб умуман аслида
    """),
    speech=words("""
        dedi deydi dedilar so'radi aytdi qichqirdi javob xitob деди дейди дедилар сўради айтди қичқирди жавоб хитоб
        baqirdi pichirladi бақирди пичирлади
    """),
    months=words("""
        yanvar fevral mart aprel may iyun iyul avgust sentabr sentyabr oktabr oktyabr noyabr dekabr январ январь
        феврал февраль март апрел апрель май июн июнь июл июль август сентябр сентябрь октябр октябрь ноябр ноябрь
        декабр декабрь
    """),
    years=words("yil yili yilda yilning yilgi yildan yillarda йил йили йилда йилнинг йилги йилдан йилларда"),
    sections=words("""
        modda модда bob боб bo'lim бўлим band банд qism қисм ilova илова jadval жадвал rasm расм paragraf параграф
        bo'g'in
    """),
    ordinals=words("""
        birinchi ikkinchi uchinchi to'rtinchi beshinchi oltinchi yettinchi sakkizinchi to'qqizinchi o'ninchi биринчи
        иккинчи учинчи тўртинчи бешинчи олтинчи еттинчи саккизинчи тўққизинчи ўнинчи
    """),
    labels=words("""
        foto surat muallif manba video teglar teg ko'rildi ko'rishlar o'qildi matn tayyorladi izohlar tahrirchi
        suratchi mavzu ko'rishlar_soni фото сурат муаллиф манба видео теглар тег кўрилди кўришлар ўқилди матн
        тайёрлади изоҳлар муҳаррир мавзу кўришлар_сони
    """),
    buttons=words("""
        ulashish reklama batafsil bosh_sahifa chop_etish obuna_bo'ling улашиш реклама батафсил бош_саҳифа чоп_этиш
    """),
    days=words("bugun kecha soat daqiqa oldin yangilandi бугун кеча соат дақиқа олдин янгиланди"),
    salutations=words("""
        hurmatli muhtaram aziz hurmat_bilan assalomu_alaykum ҳурматли муҳтарам азиз ҳурмат_билан ассалому_алайкум
    """),
    hanging=words("""
        va bilan yoki hamda uchun haqida bo'yicha orqali kabi sifatida to'g'risida to'g'risidagi har eng bu ushbu
        bir o'rtasida qarshi ва билан ёки ҳамда учун ҳақида бўйича орқали каби сифатида тўғрисида тўғрисидаги ҳар
        энг бу ушбу бир ўртасида қарши
    """),
    frequent="uz",
)
