# What `run.py build-windows --check` tries under wine, on a real Windows: installed without a question, started, removed, the data
# kept, then erased. Only for a machine, or an account, whose DMP Desktop holds nothing: PURGE=1 erases it.
param([Parameter(Mandatory = $true)][string]$Msi)
$ErrorActionPreference = "Stop"
Set-StrictMode -Version Latest
$Program = Join-Path $env:LOCALAPPDATA "Programs\DMP Desktop"
$Data = Join-Path $env:LOCALAPPDATA "DMP Desktop"
$Scheme = "HKCU:\Software\Classes\dmp-desktop"
$AppPath = "HKCU:\Software\Microsoft\Windows\CurrentVersion\App Paths\dmp.exe"
$Entry = Join-Path $env:APPDATA "Microsoft\Windows\Start Menu\Programs\DMP Desktop.lnk"
if (Test-Path $Data) { throw "Ce compte a déjà des données de DMP Desktop : rien n'est essayé ici." }

function Assert([bool]$True, [string]$Otherwise) { if (-not $True) { throw $Otherwise } }
function Invoke-Msi([string[]]$Arguments) {
    $process = Start-Process msiexec.exe -ArgumentList ($Arguments + "/qn") -Wait -PassThru
    Assert ($process.ExitCode -eq 0) "msiexec $Arguments : $($process.ExitCode)"
}
function Get-Autostart {
    $run = Get-Item "HKCU:\Software\Microsoft\Windows\CurrentVersion\Run" -ErrorAction SilentlyContinue
    return ($null -ne $run) -and ($run.GetValueNames() -contains "DMP Desktop")
}
function Compare-Hashes {
    # Each file as it was when it was packed, and no other.
    $left = @{}
    Get-ChildItem -Recurse -File $Program | ForEach-Object {
        $left[$_.FullName.Substring($Program.Length + 1).Replace("\", "/")] = $_.FullName
    }
    [void]$left.Remove("SHA256SUMS")
    $wrong = @()
    foreach ($line in [IO.File]::ReadAllLines((Join-Path $Program "SHA256SUMS"))) {
        $digest, $name = $line -split "  ", 2
        if (-not $left.ContainsKey($name)) { $wrong += $name; continue }
        if ((Get-FileHash -Algorithm SHA256 -LiteralPath $left[$name]).Hash -ne $digest) { $wrong += $name }
        [void]$left.Remove($name)
    }
    $wrong += @($left.Keys)
    Assert ($wrong.Count -eq 0) "Fichiers installés différents : $($wrong -join ', ')"
}

$refused = Start-Process msiexec.exe -ArgumentList "/i", "`"$Msi`"", "ALLUSERS=1", "/qn" -Wait -PassThru
Assert ($refused.ExitCode -ne 0) "ALLUSERS=1 : accepté"
Invoke-Msi @("/i", "`"$Msi`"")
foreach ($path in $Program, $Scheme, $Entry, $AppPath) { Assert (Test-Path $path) "Absent après installation : $path" }
Compare-Hashes
Assert (-not (Get-Autostart)) "Démarrage automatique posé sans avoir été demandé"

# A folder of its own: a report that an earlier try left proves nothing. "window never waited" measures time, which a shared machine
# cannot tell.
$Out = Join-Path $env:TEMP ("dmp-desktop-essai-" + [Guid]::NewGuid().ToString("N"))
$demo = Start-Process (Join-Path $Program "dmp-desktop.exe") -ArgumentList "demo", "--headless", "--out", "`"$Out`"" -Wait -PassThru
Assert (Test-Path (Join-Path $Out "report.json")) "Démonstration : pas de rapport ($($demo.ExitCode))"
$steps = @((Get-Content -Raw -Encoding UTF8 (Join-Path $Out "report.json") | ConvertFrom-Json).steps)
$failed = @($steps | Where-Object { (-not $_.ok) -and ($_.name -ne "window never waited") })
Assert (($steps.Count -gt 15) -and ($failed.Count -eq 0)) "Démonstration : $($failed | ConvertTo-Json -Compress)"

$listed = Start-Process "dmp.exe" -ArgumentList "outbox", "list", "--json" -Wait -PassThru
Assert ($listed.ExitCode -eq 0) "dmp, par son seul nom : $($listed.ExitCode)"
& (Join-Path $Program "dmp.exe") outbox list --json
Assert ($LASTEXITCODE -eq 0) "dmp outbox list : $LASTEXITCODE"

# Under an open window nothing is erased, and nothing is removed either.
$window = Start-Process (Join-Path $Program "dmp-desktop.exe") -PassThru
try {
    $until = (Get-Date).AddSeconds(120)
    while ((-not (Test-Path (Join-Path $Data "locks\fenetre"))) -and ((Get-Date) -lt $until)) { Start-Sleep -Milliseconds 200 }
    $refused = Start-Process msiexec.exe -ArgumentList "/x", "`"$Msi`"", "PURGE=1", "/qn" -Wait -PassThru
    Assert ($refused.ExitCode -ne 0) "PURGE=1 sous une fenêtre ouverte : accepté"
    Assert (-not $window.HasExited) "PURGE=1 refusé a pourtant fermé la fenêtre"
    Compare-Hashes
}
finally {
    if (-not $window.HasExited) { Stop-Process -InputObject $window }
    $window.WaitForExit()
}
Invoke-Msi @("/x", "`"$Msi`"")
foreach ($path in $Program, $Scheme, $Entry, $AppPath) { Assert (-not (Test-Path $path)) "Resté après désinstallation : $path" }
Assert (Test-Path (Join-Path $Data "boite-envoi.db")) "La désinstallation a touché aux données"

Invoke-Msi @("/i", "`"$Msi`"", "AUTOSTART=1")
Assert (Get-Autostart) "AUTOSTART=1 n'a rien posé"
Invoke-Msi @("/x", "`"$Msi`"", "PURGE=1")
Assert (-not (Get-Autostart)) "Le démarrage automatique est resté"
Assert (-not (Test-Path $Data)) "PURGE=1 a laissé le dossier des données"
Write-Host "Installation, démonstration, désinstallation : rien à redire."
