// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query

import "strings"

// stopWords are words that say little about what is looked for, by language:
// articles, prepositions, pronouns, auxiliaries. They are folded, as an index's
// words are. They are passed over only where other words are asked for.
var stopWords = map[string]map[string]bool{
	"en": set(`a about am an and are as at be been being but by can could did do does doing for from had has have
		having he her here hers him his how i if in into is it its me my no nor of on or our ours she should so some
		such than that the their theirs them then there these they this those to too us was we were what when where
		which who whom whose why will with would you your yours`),
	"es": set(`a al algo algun alguna algunas algunos ante con como cual cuales cuando de del desde donde el ella ellas
		ello ellos en entre era eran es esa esas ese eso esos esta estan estar estas este esto estos fue fueron ha han
		hasta hay la las le les lo los mas me mi mis muy ni no nos o os para pero por porque que quien quienes se ser si
		sin sobre son su sus tambien te tiene tu tus un una unas uno unos y ya yo`),
	"pt": set(`a ao aos as ate com como da das de dela dele delas deles do dos e ela elas ele eles em entre era eram essa
		essas esse esses esta estas este estes eu foi foram ha isso isto ja lhe lhes mais mas me mesmo meu minha muito na
		nas nem no nos o onde os ou para pela pelas pelo pelos por porque qual quando que quem sao se sem ser seu seus
		so sua suas tambem te tem um uma umas uns voce`),
	"fr": set(`a ai as au aux avec ce ces cet cette comme d dans de des dont du elle elles en est et etait ete etre eu
		il ils j je l la le les leur leurs lui m ma mais me mes mon n ne nos notre nous on ont ou par pas pour qu que
		quel quelle quelles quels qui s sa sans se ses si son sont sur t ta te tes ton tu un une vos votre vous y`),
	"de": set(`aber als am an auch auf aus bei bin bis da das dass dem den der des die dies diese diesem diesen dieser
		dieses doch du durch ein eine einem einen einer eines er es etwas fur hat hatte ich ihm ihn ihr ihre im in ist ja
		kann kein keine man mein mit nach nicht noch nur ob oder ohne sein seine sich sie sind so uber um und uns unter
		vom von vor war waren was wenn wer werden wie wir wird wo zu zum zur`),
	"it": set(`a ad agli ai al alla alle anche che chi ci cioe come con cui da dagli dai dal dalla dalle degli dei del
		della delle di dove e ed era erano essere fra gli ha hanno i il in io la le lei lo loro lui ma mi mia mio ne
		negli nei nel nella nelle noi non o per perche piu quale quali quando quella quelle quelli quello questa queste
		questi questo se sei si sia siamo sono su sua sue sugli sui sul sulla sulle suo suoi tra tu un una uno vi voi`),
}

func set(words string) map[string]bool {
	all := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// Common tells whether a folded word says little in one of the languages.
func Common(word string) bool {
	for _, words := range stopWords {
		if words[word] {
			return true
		}
	}
	return false
}

// StopWords gives a language's words that say little, folded; nil for a language
// without a list. It is not to be changed.
func StopWords(language string) map[string]bool { return stopWords[language] }
