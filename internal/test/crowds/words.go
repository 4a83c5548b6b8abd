package crowds

type telling struct{ what, where, sign []string }

var told = map[About]map[string]telling{
	Internet: {
		"de": {
			[]string{"kein Internet", "Internet ist weg", "Internet tot", "das Netz ist ausgefallen", "komme nicht mehr ins Internet", "Totalausfall beim Internet", "die Leitung ist tot", "WLAN da, aber kein Internet"},
			[]string{"im Ostviertel", "hier im Ostviertel", "Ostviertel", "Nähe Ostviertel, Hafenstraße", "bei uns im Ostviertel", "in der Hafenstraße"},
			[]string{"rotes Licht am Modem", "am Router blinkt ein rotes Licht", "Modem leuchtet rot", "DSL-Lampe rot", "Neustart vom Router bringt nichts"},
		},
		"en": {
			[]string{"no internet", "internet is gone", "internet completely dead", "the connection dropped", "cannot get online", "broadband is out", "wifi fine but no internet", "line dead"},
			[]string{"in Ostviertel", "here in the Ostviertel", "Ostviertel", "near Ostviertel, Hafenstraße", "all over Ostviertel", "on Hafenstrasse"},
			[]string{"red light on the modem", "router blinks a red light", "modem shows red", "red light again", "restarting the router does nothing"},
		},
		"fr": {
			[]string{"plus d'internet", "internet coupé", "pas d'internet", "la connexion est tombée", "coupure internet", "impossible de se connecter à internet", "internet ne répond plus"},
			[]string{"à Ostviertel", "dans l'Ostviertel", "Ostviertel", "quartier Ostviertel", "près de la Hafenstraße"},
			[]string{"voyant rouge sur le modem", "le modem clignote rouge", "voyant rouge allumé", "redémarrer la box ne change rien"},
		},
		"es": {
			[]string{"sin internet", "se cayó internet", "no hay internet", "internet caído", "corte de internet", "la conexión se ha ido", "nadie tiene internet"},
			[]string{"en Ostviertel", "aquí en el Ostviertel", "Ostviertel", "zona Ostviertel", "cerca de Hafenstraße"},
			[]string{"luz roja en el módem", "el módem parpadea en rojo", "luz roja encendida", "reiniciar el router no sirve"},
		},
		"ja": {
			[]string{"インターネットが繋がりません", "ネットが切れた", "インターネット使えない", "回線が落ちた", "ネット不通"},
			[]string{"Ostviertelです", "Ostviertel地区", "Ostviertel", "Ostviertel周辺"},
			[]string{"モデムの赤いランプ", "赤ランプ点灯", "モデムが赤く点滅", "再起動しても駄目"},
		},
	},
	Mail: {
		"de": {
			[]string{"Mail geht nicht", "E-Mail-Login schlägt fehl", "Anmeldung beim Postfach unmöglich", "IMAP verweigert mein Passwort", "Webmail lässt mich nicht rein"},
			[]string{"beim Webmailer", "in Thunderbird", "am Handy und im Webmail", "im Postfach", "über IMAP"},
			[]string{"Passwort falsch, angeblich", "Fehler 535", "Authentifizierung fehlgeschlagen", "Passwort zurücksetzen hilft nicht"},
		},
		"en": {
			[]string{"mail login fails", "cannot sign in to mail", "mailbox rejects my password", "IMAP refuses the password", "webmail login loops"},
			[]string{"in webmail", "in Thunderbird", "on phone and webmail", "over IMAP", "for all my mailboxes"},
			[]string{"says wrong password", "error 535", "authentication failed", "password reset does not change it"},
		},
		"fr": {
			[]string{"connexion au mail impossible", "le webmail refuse mon mot de passe", "IMAP refuse le mot de passe", "boîte mail inaccessible"},
			[]string{"sur le webmail", "dans Thunderbird", "en IMAP", "sur toutes mes boîtes mail"},
			[]string{"mot de passe incorrect", "erreur 535", "authentification échouée"},
		},
		"es": {
			[]string{"no puedo entrar al correo mail", "el webmail rechaza mi contraseña", "IMAP rechaza la contraseña", "correo inaccesible"},
			[]string{"en el webmail", "en Thunderbird", "por IMAP", "en todos mis buzones mail"},
			[]string{"contraseña incorrecta", "error 535", "autenticación fallida"},
		},
		"ja": {
			[]string{"メールにログインできない", "メール認証エラー", "Webmailに入れません", "IMAPがパスワード拒否"},
			[]string{"Webmail", "Thunderbird", "IMAP", "携帯のメール"},
			[]string{"パスワードが違うと出る", "エラー 535", "認証失敗"},
		},
	},
}

var openings = map[string][]string{
	"de": {"Hallo,", "Sagt mal,", "Leute,", "Ist das bei euch auch so?", "Schon wieder:", "Na super,", "Moin,", "Kann das sein?"},
	"en": {"Hi,", "Hey folks,", "Is it just me?", "Again:", "Great,", "Anyone else?", "Seriously?", "So,"},
	"fr": {"Bonjour,", "Dites,", "C'est normal ?", "Encore :", "Super,", "Vous aussi ?"},
	"es": {"Hola,", "Oigan,", "¿Soy el único?", "Otra vez:", "Genial,", "¿Alguien más?"},
	"ja": {"こんにちは", "皆さん", "また", "うちだけ?"},
}

var endings = map[string][]string{
	"de": {"Wann geht es wieder?", "Bitte melden.", "Weiß jemand mehr?", "Homeoffice ade.", "Danke für nichts.", "Die Hotline ist besetzt."},
	"en": {"When will it be back?", "Any news?", "Does anybody know more?", "So much for home office.", "The hotline is busy.", "Thanks for nothing."},
	"fr": {"C'est pour quand ?", "Des nouvelles ?", "Quelqu'un sait ?", "Le service client ne répond pas.", "Merci."},
	"es": {"¿Cuándo vuelve?", "¿Alguna noticia?", "¿Alguien sabe algo?", "El teléfono de ayuda comunica.", "Gracias."},
	"ja": {"いつ直りますか", "誰か知りませんか", "電話も通じない", "お願いします"},
}

var calls = map[string][]string{
	"de": {"störung", "fail", "down", "help"}, "en": {"down", "outage", "broken", "help", "fail"},
	"fr": {"panne", "fail", "help"}, "es": {"caído", "fail", "down"}, "ja": {"障害", "down"},
}

type matter struct{ thing, trouble, more []string }

var matters = map[string]matter{
	"de": {
		[]string{"Meine Rechnung vom Oktober", "Der neue Router", "Die Rufnummernmitnahme", "Mein Vertrag", "Der Techniker", "Das Internet im Büro", "Die Festnetznummer", "Euer Kundenportal", "Der Fernsehempfang",
			"Mein Umzug nach Neustadt", "Die Kündigung", "Der Glasfaseranschluss", "Mein Postfach", "Die SIM-Karte", "Das Modem", "Die Gutschrift"},
		[]string{"ist doppelt abgebucht worden", "ist nie angekommen", "dauert seit Wochen", "wurde ohne Grund gesperrt", "ist quälend langsam", "kam zum Termin nicht", "zeigt einen falschen Betrag", "lässt sich nicht einrichten",
			"ist einfach verschwunden", "bricht abends ab", "wird nicht bestätigt"},
		[]string{"Ticket ist offen.", "Die Hotline weiß von nichts.", "Zweite Mahnung trotz Zahlung.", "Nachbarn haben Glasfaser.", "Ich will wechseln.", "Kundennummer schicke ich gern.", "Das dritte Mal dieses Jahr."},
	},
	"en": {
		[]string{"My October bill", "The new router", "Number porting", "My contract", "The engineer", "Internet at the office", "My landline", "Your customer portal", "TV reception", "My move to Newtown", "The cancellation",
			"The fibre install", "My mailbox quota", "The SIM card", "The modem I ordered", "My refund"},
		[]string{"was charged twice", "never arrived", "has taken weeks", "was blocked without reason", "is painfully slow", "did not show up", "shows the wrong amount", "cannot be set up", "simply vanished", "drops every evening", "is not confirmed"},
		[]string{"Ticket is open.", "Support knows nothing.", "Second reminder although I paid.", "Neighbours have fibre.", "I want to switch.", "Happy to send my customer number.", "Third time this year."},
	},
	"fr": {
		[]string{"Ma facture d'octobre", "Le nouveau routeur", "La portabilité du numéro", "Mon contrat", "Le technicien", "Internet au bureau", "Ma ligne fixe", "Votre espace client", "La télévision", "Mon déménagement", "La résiliation", "La fibre", "La carte SIM", "Mon remboursement"},
		[]string{"a été prélevée deux fois", "n'est jamais arrivé", "traîne depuis des semaines", "a été bloqué sans raison", "est d'une lenteur pénible", "n'est pas venu", "affiche un mauvais montant", "refuse de s'installer", "a disparu", "coupe chaque soir"},
		[]string{"Ticket ouvert.", "Le support ne sait rien.", "Deuxième rappel malgré paiement.", "Les voisins ont la fibre.", "Je veux changer.", "Troisième fois cette année."},
	},
	"es": {
		[]string{"Mi factura de octubre", "El nuevo router", "La portabilidad", "Mi contrato", "El técnico", "Internet en la oficina", "Mi teléfono fijo", "Vuestro portal", "La televisión", "Mi mudanza", "La baja", "La fibra", "La tarjeta SIM", "Mi reembolso"},
		[]string{"se cobró dos veces", "nunca llegó", "lleva semanas", "fue bloqueado sin motivo", "va lentísimo", "no vino", "muestra un importe falso", "no se puede instalar", "desapareció", "se corta cada tarde"},
		[]string{"Hay un ticket abierto.", "Soporte no sabe nada.", "Segundo aviso aunque pagué.", "Los vecinos tienen fibra.", "Quiero cambiar.", "Tercera vez este año."},
	},
	"ja": {
		[]string{"10月の請求書", "新しいルーター", "番号移行", "契約", "工事の人", "会社の回線", "固定電話", "会員ページ", "テレビの受信", "引っ越し手続き", "解約", "光回線の工事", "SIMカード", "返金"},
		[]string{"二重に請求された", "届きません", "何週間も待っている", "理由なく止められた", "とても遅い", "来なかった", "金額が違う", "設定できない", "消えました", "毎晩切れる"},
		[]string{"問い合わせ済み", "窓口は何も知らない", "今年三回目", "乗り換えたい", "隣は光です"},
	},
}
