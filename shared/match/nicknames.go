package match

import (
	"slices"
	"strings"
)

// shortForms are given names, each line one name and what it is often called,
// as words() writes them. The list was drawn up by hand from common usage in
// English, German, French, Spanish, Italian and Russian, and holds what a
// person would put on a form. A short form may stand in several lines.
func shortForms() []string {
	return []string{
		"abigail abby gail", "abraham abe", "albert al bert bertie", "alejandro ale alex", "alexander alex al alec sasha sandy xander lex alexandre",
		"alexandra alex sandra sasha lexi", "alfred al alf fred", "amanda mandy", "andrew andy drew", "andreas andi andy", "anna ann anne annie anni anya",
		"anthony tony ant", "antonio tony toni", "arthur art artie", "barbara barb babs", "benjamin ben benny benji", "bernard bernie", "bernhard bernd",
		"bradley brad", "calvin cal", "carolyn carol carrie", "caroline carrie caro", "catherine cathy kate katie cat cathie", "charles charlie chuck chas",
		"charlotte charlie lottie", "christian chris", "christina chris tina christy", "christine chris tina chrissy", "christopher chris kit topher",
		"christoph chris", "clifford cliff", "cynthia cindy", "daniel dan danny", "daniela dani", "david dave davey", "deborah deb debbie", "dennis denny",
		"diana di", "dimitri dima", "dmitry dima", "dominic dom nic", "donald don donny", "dorothy dot dottie dolly", "douglas doug", "edward ed eddie ted ned",
		"edwin ed", "eleanor ellie nell nora", "elizabeth liz beth lizzie eliza betty betsy bess lisa libby", "elisabeth lisa sissi betti liesl", "emily em emmy",
		"emmanuel manu manny", "eugene gene", "evelyn evie", "ferdinand ferdi", "florian flo", "frances fran frankie", "francis frank fran",
		"francisco paco pancho fran", "frederick fred freddy rick", "friedrich fritz fred", "gabriel gabe", "gabriele gabi", "gerald gerry jerry", "gerhard gerd",
		"giovanni gianni", "giuseppe beppe peppe", "gregory greg", "guillermo memo", "gwendolyn gwen", "hannah hanna", "harold harry hal", "heinrich heinz heiner",
		"helen nell helena", "henry harry hank hal", "hubert bert", "ignacio nacho", "isabella bella izzy", "ivan vanya", "jacob jake", "jacqueline jackie",
		"james jim jimmy jamie", "jane janie", "janet jan", "jeffrey jeff", "jennifer jen jenny", "jeremy jerry jem", "jessica jess jessie", "joachim jochen achim",
		"joan joanie", "johannes hannes jo", "john jack johnny jon", "jonathan jon jonny nathan", "jose pepe", "joseph joe joey jo", "josephine jo josie", "joshua josh",
		"juan juancho", "judith judy", "julia jules", "karl charly", "katherine kate kathy katie kat kitty", "kathleen kathy kate", "katharina kathi katja",
		"katrin kati", "kenneth ken kenny", "kimberly kim", "klaus klausi", "konstantin kostya", "lawrence larry laurie", "leonard leo len lenny", "leonhard leo",
		"leslie les", "lillian lily lil", "linda lin", "louis lou louie", "lucas luke", "ludwig lutz", "luis lucho", "madeleine maddie", "magdalena lena magda",
		"manuel manu", "marcus marc mark", "margaret maggie peg peggy meg greta marge madge", "margarete grete gretel", "maria mia mitzi", "marie mimi",
		"martin marty", "martha marty", "mary molly polly mamie", "matthew matt matty", "matthias matze hias", "matthieu mat", "maximilian max", "maxwell max",
		"melissa mel lissa", "melanie mel", "michael mike mick mickey micky mikey", "michail misha", "mikhail misha", "michelle shelly", "miguel migue", "mildred millie",
		"mitchell mitch", "mohammed mo", "muhammad mo", "nancy nan", "natalie nat", "natalia natasha", "nathan nate nat", "nathaniel nate nat nathan", "nicholas nick nicky",
		"nicole nicky nikki", "nikolaus klaus niko", "nikolai kolya", "oliver ollie", "olivia liv livvy", "pamela pam", "patricia pat patty trish tricia",
		"patrick pat paddy", "pavel pasha", "peter pete", "philip phil pip", "phillip phil", "philipp phil", "philippe phil", "rachel rae", "randall randy",
		"raymond ray", "rebecca becky becca", "reginald reg reggie", "ricardo rick", "richard rick dick rich ricky richie", "robert bob bobby rob robbie bert",
		"roberto beto", "roderick rod", "rodney rod", "roger rog", "ronald ron ronnie", "rosemary rose rosie", "rudolf rudi", "russell russ", "samantha sam sammy",
		"samuel sam sammy", "sandra sandy", "sarah sally", "sebastian seb basti", "sergei seryozha", "sharon shari", "sheila shell", "sophia sophie", "stanley stan",
		"stephanie steph steffi", "stefanie steffi", "stephen steve stevie", "stefan steff", "steven steve stevie", "stuart stu", "susan sue susie suzy",
		"susanne susi sanne", "suzanne sue suzy", "sylvester sly", "tamara tammy", "teresa terry tess", "theresa terry tess tracy resi", "terence terry",
		"theodore ted teddy theo", "thomas tom tommy", "timothy tim timmy", "tobias tobi", "ulrich uli", "ulrike uli rike", "ursula uschi ulla", "valentina valya",
		"valerie val", "veronica ronnie vera", "victor vic", "victoria vicky tori", "vincent vince vinny", "vincenzo enzo", "virginia ginny", "vladimir volodya vova",
		"walter walt wally", "wilhelm willi", "william bill will billy willy liam", "wolfgang wolf", "yevgeny zhenya", "zachary zach zack",
	}
}

// linesOf returns the lines of the short forms that have a name.
func linesOf(name string) [][]string {
	var found [][]string
	for _, line := range shortForms() {
		if !strings.Contains(line, name) {
			continue // most of them, and splitting takes longer
		}
		if names := strings.Fields(line); slices.Contains(names, name) {
			found = append(found, names)
		}
	}
	return found
}

// related tells whether two names stand in one line of the short forms.
func related(x, y string) bool {
	return x == y || slices.ContainsFunc(linesOf(x), func(names []string) bool { return slices.Contains(names, y) })
}

// isGivenName tells whether a word is a given name or short form of the list:
// one that differs from another of them by a letter is no slip.
func isGivenName(x string) bool { return len(linesOf(x)) > 0 }

// formal returns what a name is short for, and the name itself when it is not
// of the list, or may be short for names that begin with other letters.
func formal(x string) string {
	found := x
	for i, names := range linesOf(x) {
		switch {
		case names[0] == x:
			return x
		case i == 0 || firstLetter(found) == firstLetter(names[0]):
			found = names[0]
		default:
			return x
		}
	}
	return found
}
