package table

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// SourceHour counts what happened to the webhooks of one source in one UTC
// hour. Writers add to it; what is a time or a text is the last one's word.
type SourceHour struct {
	Source   string
	Hour     time.Time        // its start
	Outcomes map[string]int64 // webhooks by what became of them, in words of [a-z_]
	Signals  int64            // stored or parked by these webhooks
	Shaped   int64            // signals whose fields were counted
	Fields   map[string]int64 // how many of these had a field, by its name
	// Profiles counts the profiles that were sent, by the fields that they had.
	Profiles map[signal.FieldSet]int64
	Cut      bool // there were more names of fields than are kept
	Times    map[SourceTime]time.Time
	Error    string // what was wrong at LastError: the outcome, and a word to the operator
}

// SourceTime is a moment that a source's hour keeps.
type SourceTime string

// The moments.
const (
	LastEvent    SourceTime = "last_event"    // a webhook that was genuine
	LastError    SourceTime = "last_error"    // one that was refused or could not be stored
	LastVerified SourceTime = "last_verified" // its signature fitted
	LastForged   SourceTime = "last_forged"   // its signature did not
)

const (
	// sourceKept is how long an hour is kept: eight weeks of each hour of the
	// week, and some days.
	sourceKept    = 60 * 24 * time.Hour
	outcomePrefix = "n_"
	fieldPrefix   = "f_"
	profilePrefix = "p_" // and the set of fields in base 16
	attrSignals   = "signals"
	attrShaped    = "shaped"
	attrCut       = "cut"
	attrError     = "error"
)

// AddSourceHour adds to what is stored of the hour: one UpdateItem of an item
// below 1 KB, one write unit; with many fields it is a second one. Kinds: Invalid, Unavailable.
func (t *Table) AddSourceHour(ctx context.Context, h SourceHour) error {
	if h.Source == "" || h.Hour.IsZero() {
		return fault.New(fault.Invalid, "an hour of no source")
	}
	set := []string{"#expires = :expires"}
	names := map[string]string{"#expires": attrExpires, "#signals": attrSignals}
	values := item{":expires": number(h.Hour.Add(sourceKept).Unix()), ":signals": number(h.Signals)}
	add := []string{"#signals :signals"}
	for i, outcome := range slices.Sorted(maps.Keys(h.Outcomes)) {
		n := strconv.Itoa(i)
		add = append(add, "#n"+n+" :n"+n)
		names["#n"+n], values[":n"+n] = outcomePrefix+outcome, number(h.Outcomes[outcome])
	}
	if h.Shaped > 0 {
		add = append(add, "#shaped :shaped")
		names["#shaped"], values[":shaped"] = attrShaped, number(h.Shaped)
	}
	for i, field := range slices.Sorted(maps.Keys(h.Fields)) {
		n := strconv.Itoa(i)
		add = append(add, "#f"+n+" :f"+n)
		names["#f"+n], values[":f"+n] = fieldPrefix+field, number(h.Fields[field])
	}
	for i, fields := range slices.Sorted(maps.Keys(h.Profiles)) {
		n := strconv.Itoa(i)
		add = append(add, "#p"+n+" :p"+n)
		names["#p"+n], values[":p"+n] = profilePrefix+strconv.FormatUint(uint64(fields), 16), number(h.Profiles[fields])
	}
	if h.Cut {
		set = append(set, "#cut = :cut")
		names["#cut"], values[":cut"] = attrCut, &types.AttributeValueMemberBOOL{Value: true}
	}
	for i, which := range slices.Sorted(maps.Keys(h.Times)) {
		n := strconv.Itoa(i)
		set = append(set, "#t"+n+" = :t"+n)
		names["#t"+n], values[":t"+n] = string(which), text(formatTime(h.Times[which]))
	}
	if h.Error != "" {
		set = append(set, "#error = :error")
		names["#error"], values[":error"] = attrError, text(h.Error)
	}
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: sourceHourKey(h.Source, h.Hour).item(),
		UpdateExpression:         aws.String("SET " + strings.Join(set, ", ") + " ADD " + strings.Join(add, ", ")),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	return translate("count webhooks", err)
}

// SourceHours returns the latest hours of a source in which something
// happened, at most so many, the newest first. Kind: Unavailable.
func (t *Table) SourceHours(ctx context.Context, source string, most int) ([]SourceHour, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(sourcePK(source)), ":sk": text(hourPrefix)},
		ScanIndexForward:          aws.Bool(false), Limit: aws.Int32(int32(min(max(most, 1), 1000))),
	})
	if err != nil {
		return nil, translate("read hours of a source", err)
	}
	hours := make([]SourceHour, 0, len(out.Items))
	for _, it := range out.Items {
		h, err := sourceHour(source, it)
		if err != nil {
			return nil, err
		}
		hours = append(hours, h)
	}
	return hours, nil
}

// addProfile adds what an attribute says of profiles; one that is none of ours
// says nothing.
func (h *SourceHour) addProfile(fields string, n int64) {
	set, err := strconv.ParseUint(fields, 16, 32)
	if err != nil {
		return
	}
	if h.Profiles == nil {
		h.Profiles = map[signal.FieldSet]int64{}
	}
	h.Profiles[signal.FieldSet(set)] = n
}

func sourceHour(source string, it item) (SourceHour, error) {
	hour, err := time.Parse(hourFormat, strings.TrimPrefix(textOf(it, attrSK), hourPrefix))
	if err != nil {
		return SourceHour{}, fault.Wrap(fault.Internal, "read hour of "+source, err)
	}
	h := SourceHour{Source: source, Hour: hour, Outcomes: map[string]int64{}, Times: map[SourceTime]time.Time{}, Error: textOf(it, attrError), Signals: numberOf(it, attrSignals), Shaped: numberOf(it, attrShaped)}
	_, h.Cut = it[attrCut]
	for name := range it {
		if outcome, ok := strings.CutPrefix(name, outcomePrefix); ok {
			h.Outcomes[outcome] = numberOf(it, name)
		}
		if field, ok := strings.CutPrefix(name, fieldPrefix); ok {
			if h.Fields == nil {
				h.Fields = map[string]int64{}
			}
			h.Fields[field] = numberOf(it, name)
		}
		if fields, ok := strings.CutPrefix(name, profilePrefix); ok {
			h.addProfile(fields, numberOf(it, name))
		}
	}
	for _, which := range []SourceTime{LastEvent, LastError, LastVerified, LastForged} {
		if at, err := time.Parse(timeKey, textOf(it, string(which))); err == nil {
			h.Times[which] = at
		}
	}
	return h, nil
}
