package alike

import "strings"

// small are the words that everybody says, without accents: they say nothing
// about a cause. Of each language the words of grammar, of time, and those by which
// one complains. A word of another language that is missing here costs little: it
// counts only while it comes in a burst.
var small = words(english, german, french, spanish, dutch, italian, portuguese)

func words(lists ...string) map[string]bool {
	m := map[string]bool{}
	for _, l := range lists {
		for _, w := range strings.Fields(l) {
			m[w] = true
		}
	}
	return m
}

const (
	english = `a about after again all also am an and any anybody anyone are as at back be because been before being but by can can't
		could did do does doesn doing don done else ever every everyone everything few for from get getting give go going gone good
		got had has have having he hello help her here hey hi him his how i if in into is isn it its just know last let like long
		look made make many maybe me more most much my myself new no nobody none nor not nothing now of off on once one only or
		other our out over own please really right said same say see she should since so some somebody someone something still
		such take than thank thanks that the their them then there these they thing things this those though through time to
		today too tried try two under until up us ve very was wasn way we well were what when where which while who why will
		with won work working works would yes yesterday yet you your minute minutes hour hours morning evening night day week
		broken problem problems issue fail fails failed down dead wrong stopped anybody half`
	german = `aber alle allem allen aller alles als also am an andere anderen ans auch auf aus bei beim bin bis bist bitte da dabei damit
		dann daran das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein
		eine einem einen einer eines er es etwas euch euer eure fuer fur ganz gar geht ging gibt gerade gestern ich hab habe haben hat
		hatte hallo heute hier hilfe ihm ihn ihr ihre im immer in ins irgendwie ist ja jede jeder jemand jetzt kann kaputt kein keine keinen keiner
		klappt kommt konnen kurz lang lauft leider los mal man mehr mein meine meinem meinen meiner mich mir mit morgen muss nach nicht nichts nie niemand
		noch nun nur ob oder ohne plotzlich schon sehr sein seine seit seitdem sich sie sind so sonst stunde stunden tag tot tut uber uhr um und
		uns unser unsere unter viel vom von vor wann war warum was weg wegen weiss wenn wer werden wie wieder will wir wird wo wurde zu zum zur
		funktioniert problem probleme minute minuten abend nacht halbe seid`
	french = `a ai alors apres as au aucun aucune aussi autre autres aux avait avant avec avez avoir beaucoup bien bonjour c ca ce cela
		ces cet cette chez ci comme comment d dans de depuis des donc du elle elles en encore est et etait etc ete etes etre eu fait faites
		fois hier heure heures ici il ils j jamais je jour juste l la le les leur lui ma mais marche me meme merci mes minute minutes moi moins mon n ne ni non nos
		notre nous on ont ou par pas personne peu peut plait plus pour pourquoi problem probleme problemes qu quand que quel quelle quelqu quelque qui quoi
		rien s sa sans se ses si sinon soir son sont sous sur t ta te tes toi ton toujours tous tout toute toutes tres tu un une va vers voila votre
		vous y aide fonctionne matin nuit demi`
	spanish = `a ahora al algo alguien alguno alguna algunos ante antes aqui asi aun ayer ayuda cada casi como con cual cuando de del desde
		dia donde dos e el ella ellos en entre era es esa ese eso esta estaba estamos estan estar este esto estos estoy fue funciona funcionan gracias
		ha hace hacer hasta hay he hola hora horas hoy la las le les lo los mas me media mi minuto minutos mis mismo mucho muy nada nadie ni no noche nos nosotros
		o os otra otro otros para pero poco por porque problema problemas puede puedo que quien se sea ser si siempre sin sobre solo son soy su sus
		tambien tan tarde te tengo tiene toda todas todo todos tu tus un una uno unos va vamos ver vez y ya yo manana favor alguien va`
	dutch = `aan al alle alles als altijd andere avond ben bij dag dan dat de deze die dit doe doet door dus een en er gaan gaat geen geweest goed
		had hallo heb hebben hebt heeft help hem het hier hij hoe hun iemand iets ik in is ja je jij jullie kan kapot komt kunnen maar me meer men met mij mijn minuten
		moet na naar niemand niet niets nog nu of om omdat ons onze ook op over probleem sinds te tegen toch toen tot u uit uur uw van veel voor vandaag
		waar waarom wanneer want waren was wat we wel weer werd werkt wie wij wil worden wordt zal ze zelf zich zij zijn zo zonder zou sedert half gisteren ochtend`
	italian = `a ad ai al alla alle allo anche ancora c che chi ci ciao come con cosa cui da dal dalla dalle dei del della delle di dopo dove
		e ed era essere fa fino fra gli grazie ha hanno ho i il in io l la le lei li lo loro lui ma mai me mezz mezza mi mia mie mio molto ne nei nel nella nessuno niente
		noi non nostra nostro o oggi ogni ora ore per perche piu poco poi puo qualcuno quando quasi quello questa questo qui sa se sei sempre senza si sia
		sono sta stato su sua sui sul sulla suo tra tu tutti tutto un una uno va vi voi funziona problema ieri minuti aiuto`
	portuguese = `a ainda algo alguem algum alguma ao aos aqui as ate bem bom cada com como da das de depois desde dia do dos e ela ele eles em entre era essa
		esse esta estamos estao estou eu faz foi ha hoje hora horas isso isto ja la mais mas me mesmo meu mim minha minutos muito na nada nao nas nem ninguem no nos
		nossa nosso o obrigado onde ontem os ou para pela pelo por porque pouco problema quando que quem se sem ser seu so sobre sua tambem tem tenho ter
		tinha toda todo todos tudo um uma vai voce voces funciona ajuda meia alguem`
)
