"""Turkish."""

from __future__ import annotations

from align.segmentation.lang import LanguageData, words
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.LATIN_BEFORE
    | words("""
        Ord Asb Plt Gn Kur Tuğg Tümg Korg Orgen Çvş Onb krş Krş age agm Alm İng Dr Prof Doç Av Sn Yrd Öğr Gör Alb
        Org Gen Kd Yzb Bnb Tğm Ütğm Tuğ Amr Arş Uzm Op Ecz Müh Mim Hz bkz Bkz örn Örn çev haz Çev Haz Ed ed Bay Bn
        Şb Opr Yb Dz Hv Kom
    """)
    - words("Bay"),
    number=c.LATIN_NUMBER | words("no dah şek s sf ss md m f"),
    after=c.LATIN_AFTER
    | words("""
        dk sn sa gr İst Ank Böl P.K D Mah mah Cad cad Cd Sok Sk Blv Bulv Apt A.Ş Şti T.C M.Ö M.S İ.Ö yy Üni Fak Müd
        Bşk TL Tic San Ltd m.ö bs vd vdğ Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara
    """)
    - words("TL Kas Ara May Mar"),
    final=words("vb vs v.b v.s ve_ark v.d"),
    words=words("o e"),
    starters=words("""
        bu o şu onlar onun onların bunun bunu buna bunda bundan böyle böylece orada burada ona onu ondan bununla
        bunlar ayrıca ancak ama fakat ve eğer şimdi bugün dün yarın sonra önce daha ben benim biz bizim siz sizin
        sen her hiç bütün tüm çok bir iki üç dört beş birinci ikinci üçüncü yeni diğer başka örneğin çünkü yani
        neden ne kim nerede nasıl hangi yalnızca sadece hatta belge kanun tasarı toplantıda görüşmede öte aynı son
        geçen en ilk aslında artık bazı birçok kendisi yine üstelik oysa şöyle mahkeme polis hükümet sanık
        iddianamede açıklamada
    """),
    speech=words("dedi diyor sordu söyledi bağırdı yanıtladı cevap haykırdı ekledi belirtti seslendi fısıldadı mırıldandı"),
    months=words("ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık"),
    years=words("yılı yılında yılının yıllarda yılda yılından"),
    sections=words("madde bölüm kısım fıkra ek tablo şekil fasıl"),
    ordinals=words("birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu"),
    labels=words("""
        foto fotoğraf yazar kaynak video okunma görüntülenme etiketler etiket haber muhabir editör güncelleme
        yayınlanma yayın_tarihi giriş yorumlar giriş_tarihi güncelleme_tarihi
    """),
    buttons=words("paylaş reklam devamı anasayfa ana_sayfa yazdır ilgili_haberler takip_et"),
    days=words("""
        bugün dün saat dakika önce güncellendi güncelleme yayınlanma pazartesi salı çarşamba perşembe cuma cumartesi
        pazar
    """),
    salutations=words("sayın sevgili değerli saygılarımla saygılarımızla merhaba"),
    hanging=words("ve ile veya ya için hakkında göre kadar gibi olarak her en bu bir arasında karşı"),
    dotted_ordinals=True,
    dotless_i=True,
    frequent="tr",
)
