// Package database connects to the database, signed in with Microsoft Entra.
//
//	pool, err := database.Open(ctx)
//	err = pool.QueryRow(ctx, "select current_user").Scan(&name)
package database

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const scope = "https://ossrdbms-aad.database.windows.net/.default"

// Open makes a pool. The server, database and user come from PGHOST, PGPORT, PGDATABASE and PGUSER.
func Open(ctx context.Context) (*pgxpool.Pool, error) {
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig("sslmode=verify-full")
	if err != nil {
		return nil, err
	}
	// Asked for each new connection: the library keeps a token and renews it in time.
	config.BeforeConnect = func(ctx context.Context, connection *pgx.ConnConfig) error {
		token, err := credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
		connection.Password = token.Token
		return err
	}
	return pgxpool.NewWithConfig(ctx, config)
}
