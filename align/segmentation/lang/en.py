"""English."""

from __future__ import annotations

from align.segmentation.lang import LanguageData, words
from align.segmentation.lang import common as c

DATA = LanguageData(
    before=c.LATIN_BEFORE - words("incl Pub Ord Esq v vs doc dr mr mrs dots")
    | words("""
        Sen Rep Gov Maj Cpl Pvt Adm Cmdr Rev Fr Hon Pres Supt Insp Det Messrs Ft Ste viz Dep Sens Reps Sgt Brig
        Lieut Cllr Amb Atty Asst approx incl Pub Supt Mme Mlle Fed Civ Crim Vice-Adm Maj-Gen Lt-Gen Secy Sec vs v
    """)
    - words("Sec"),
    number=words("No Nos no nos p pp vol Vol fig figs Fig Figs art Art sec Sec ch Ch para paras eq Eq ca c"),
    after=c.LATIN_AFTER
    | words("""
        tsp tbsp lbs U.S.C Ave Blvd Rd Sq Ct Ln Pl Mar Apr Jun Jul Sep Mon Tue Tues Wed Thu Thurs Fri Calif Mass
        Conn Fla Ill Ind Mich Minn Okla Ore Pa Tenn Tex Va Vt Wash Wis Ariz Ark Colo Del Kan Neb Nev est dept Dept
        univ Univ Assn Ph.D M.D B.A M.A D.C U.S.A al Esq Ont Gov't sq ft in lb oz hr hrs min sec approx ed eds St
        p.m a.m PLC N.Y L.A B.C A.D E.U
    """)
    - words("in sec"),
    final=words("etc"),
    words=words("i a"),
    starters=words("""
        the a an this that these those it its he his she her they their we our i you your there here in on at by for
        from to of with without as but and or nor so yet if when while where what who why how after before since
        until during despite although though because however meanwhile moreover according also then now today
        yesterday tomorrow once all some many most more each every both few several one two three four five another
        other others such no not nobody nothing only even just still under over about between among instead perhaps
        earlier later last next first second third new is are was were do did does has have can could would should
        let police officials critics my
    """),
    speech=words("""
        said says asked asks replied told shouted cried added exclaimed answered wrote whispered insisted explained
        called yelled screamed muttered murmured inquired wondered sighed laughed
    """),
    months=words("""
        january february march april may june july august september october november december jan feb mar apr jun
        jul aug sept sep oct nov dec
    """),
    years=words(""),
    sections=words("""
        chapter article section part annex appendix table figure paragraph clause title book rule schedule
    """),
    ordinals=words("""
        one two three four five six seven eight nine ten first second third fourth fifth i ii iii iv v vi
    """),
    labels=words("""
        photo photos author source video views tags tag text updated editor comments published image credit by
        photograph reporter posted read filed_under topics
    """),
    buttons=words("""
        share advertisement read_more home print subscribe related_articles related_stories read_also sign_up
    """),
    days=words("""
        today yesterday ago hours hour min minutes updated published posted am pm gmt utc et monday tuesday
        wednesday thursday friday saturday sunday last
    """),
    salutations=words("dear sincerely yours regards respectfully best kind hello"),
    hanging=words("""
        your our my these those any no who which whose and or but the a an of in on at by for from to with as that
        its his her their this into than is are was were
    """),
    frequent="en",
)
