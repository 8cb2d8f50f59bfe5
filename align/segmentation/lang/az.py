"""Azerbaijani."""

from __future__ import annotations

from align.segmentation.lang import LanguageData, words
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.LATIN_BEFORE
    | words("""
        müəl t.e.n f.ü.f.d a-pol gen-pol kap dos küç pr prosp məs f.e.d f.e.n t.e.d h.e.d i.e.d r-nu gen-leyt
        gen-may pol-k Sn cən red mət
    """),
    number=c.LATIN_NUMBER | words("bax səh s m b bənd maddə şək cədv f"),
    after=c.LATIN_AFTER
    | words("""
        resp azərb öl red il yy ş r-n m mənz man qəp e.ə b.e b.e.ə min.man kv şəh vil küç akad əs ABŞ.ın dek
    """)
    - words("il man"),
    final=words("və_s və_b və_sair və_i.a və_d və_sa və_digər və_bu_k"),
    words=words("o e"),
    starters=words("""
        bu o onlar onun onların bunun bunu buna bunda bundan belə həmin orada burada ona onu ondan bununla bunlar
        həmçinin lakin amma ancaq və əgər indi bu_gün bugün dünən sabah sonra əvvəl əvvəlcə daha mən mənim biz bizim
        siz sizin sən hər heç bütün çox bir iki üç dörd beş birinci ikinci üçüncü yeni digər başqa məsələn çünki
        deməli yəni niyə nə kim harada necə nə_vaxt yalnız hətta sənəd qanun layihə tədbirdə görüşdə iclasda qeyd
        xatırladaq eyni son nəticədə əlavə ümumilikdə ötən keçən hazırda artıq beləliklə bəzi bundan_əlavə burda
        orda aşağıda təxminən
    """),
    speech=words("dedi deyib deyir səsləndi pıçıldadı soruşdu bildirdi bildirib söylədi söyləyib qışqırdı cavab dedilər"),
    months=words("""
        yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr yanvarın fevralın martın
        oktyabrın
    """),
    years=words("il ili ildə ilin ilinde ilində illərdə cı ci cu cü"),
    sections=words("maddə fəsil bölmə bənd hissə əlavə cədvəl şəkil paraqraf"),
    ordinals=words("birinci ikinci üçüncü dördüncü beşinci altıncı yeddinci səkkizinci doqquzuncu onuncu"),
    labels=words("""
        foto fotolar müəllif mənbə video baxış baxış_sayı oxunub oxundu teqlər teq mətn hazırladı tarix redaktor
        surət şərhlər fotoqraf bölmə oxunma_sayı
    """),
    buttons=words("paylaş paylaşın reklam ətraflı ana_səhifə çap_et oxşar_xəbərlər son_xəbərlər"),
    days=words("bu gün bugün dünən saat dəqiqə əvvəl yeniləndi"),
    salutations=words("hörmətli çox_hörmətli əziz hörmətlə salam möhtərəm"),
    hanging=words("""
        və ilə ya yaxud üçün haqqında üzrə kimi olaraq vasitəsilə görə qədər qarşı hər ən bu bir arasında həm
    """),
    dotless_i=True,
    frequent="az",
)
