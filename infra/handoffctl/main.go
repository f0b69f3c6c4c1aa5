// Command handoffctl is what an operator types: it checks, applies and
// explains policies, connects tools, lists, shows and rebuilds leads, says who
// would receive one and why, merges those that are one person, keeps reps' leave,
// steers the rollout, says what waits and what failed and sends it back, imports
// and exports leads, signs in and out, and sends webhooks as a provider would. It
// finds the local stack by itself, and a deployed one by the name of its
// CloudFormation stack.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // policies name time zones, and not every machine knows them

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	root, understood := command(os.Getenv), false
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	cmd, err := root.ExecuteContextC(ctx)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "handoffctl:", err)
	if !understood {
		fmt.Fprintf(os.Stderr, "Usage: %s\nMore by: %s --help\n", cmd.UseLine(), cmd.CommandPath())
	}
	os.Exit(1)
}

// put writes to the terminal. When nobody reads any more there is nobody to tell.
func put(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// command returns the whole command line. getenv gives PORT, SECRETS,
// HANDOFF_TOKEN and what the AWS SDK reads by itself.
func command(getenv func(string) string) *cobra.Command {
	t := &target{getenv: getenv}
	root := &cobra.Command{
		Use:   "handoffctl",
		Short: "Operate Handoff: policies, sources, leads, reps, webhooks, failures",
		Long: `Operate Handoff: policies, sources, leads, reps, webhooks, failures.

Without --stack or --table the local stack is meant, the one that "make run"
starts on 127.0.0.1 and $PORT (3000). For one in AWS name its CloudFormation
stack, and let the AWS environment say who you are and where:

  AWS_PROFILE=sales AWS_REGION=eu-west-1 handoffctl --stack handoff lead show ada@example.com`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().BoolVar(&t.local, "local", false, "insist on the local stack")
	root.PersistentFlags().StringVar(&t.stack, "stack", "", "the CloudFormation stack of a deployment in AWS")
	root.PersistentFlags().StringVar(&t.table, "table", "", "the DynamoDB table, when it is not the stack's own")
	root.PersistentFlags().StringVar(&t.url, "url", "", "the public URL, when it is not the stack's own")
	root.PersistentFlags().StringVar(&t.as, "as", "", "whom to be on the local stack's API: manager, marketer or the id of a rep (operator)")
	root.MarkFlagsMutuallyExclusive("local", "stack")
	root.MarkFlagsMutuallyExclusive("local", "table")
	root.AddCommand(policyCommand(t), leadCommand(t), signCommand(t), sendCommand(t), sourcesCommand(t), checkCommand())
	root.AddCommand(routeCommand(t), repsCommand(t), heldCommand(t), leadsCommand(t), accountsCommand(t), rolloutCommand(t))
	root.AddCommand(duplicatesCommand(t), mergeCommand(t), unmergeCommand(t))
	root.AddCommand(eraseCommand(t), subjectCommand(t), retentionCommand(t))
	root.AddCommand(statusCommand(t), deadLettersCommand(t), deliveriesCommand(t))
	root.AddCommand(importCommand(t), exportCommand(t))
	root.AddCommand(loginCommand(t), logoutCommand(t), whoamiCommand(t), sessionsCommand(t))
	for _, group := range root.Commands() {
		refuseUnknown(group)
	}
	return root
}

// refuseUnknown lets a command that only groups others fail on a word that is
// none of them: by itself it prints its help then and ends with 0, as if it had
// done what was meant.
func refuseUnknown(group *cobra.Command) {
	for _, c := range group.Commands() {
		refuseUnknown(c)
	}
	if group.HasSubCommands() && !group.Runnable() {
		group.Args = cobra.NoArgs
		group.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}
