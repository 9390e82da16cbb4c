using Azure.Core;
using Azure.Identity;
using Npgsql;

/// <summary>Connections to the database, signed in with Microsoft Entra.</summary>
/// <example><code>
/// await using var source = Database.Open();
/// await using var command = source.CreateCommand("select current_user");
/// var name = await command.ExecuteScalarAsync();
/// </code></example>
public static class Database
{
    private const string Scope = "https://ossrdbms-aad.database.windows.net/.default";

    /// <summary>Makes a pool. The server, database and user come from PGHOST, PGPORT, PGDATABASE and PGUSER.</summary>
    public static NpgsqlDataSource Open()
    {
        var server = new NpgsqlConnectionStringBuilder
        {
            Host = Environment.GetEnvironmentVariable("PGHOST"),
            Port = int.Parse(Environment.GetEnvironmentVariable("PGPORT") ?? "5432"),
            Database = Environment.GetEnvironmentVariable("PGDATABASE"),
            Username = Environment.GetEnvironmentVariable("PGUSER"),
            SslMode = SslMode.VerifyFull,
        };
        var credential = new DefaultAzureCredential();
        var request = new TokenRequestContext([Scope]);
        var builder = new NpgsqlDataSourceBuilder(server.ConnectionString);
        // Asked for each new connection: the library keeps a token and renews it in time.
        builder.UsePasswordProvider(
            _ => credential.GetToken(request, CancellationToken.None).Token,
            async (_, cancellation) => (await credential.GetTokenAsync(request, cancellation)).Token);
        return builder.Build();
    }
}
