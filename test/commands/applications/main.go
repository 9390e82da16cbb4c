// Asks through the pool who it is, each time that a line comes in.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"check/database"
)

func main() {
	ctx := context.Background()
	pool, err := database.Open(ctx)
	for lines := bufio.NewScanner(os.Stdin); err == nil && lines.Scan(); {
		var name string
		err = pool.QueryRow(ctx, "select current_user").Scan(&name)
		fmt.Println(name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
