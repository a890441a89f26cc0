# What `run.py build-windows --check` tries under wine, on a real Windows: installed without a question, started, removed, the data
# kept, then erased. Only for a machine, or an account, whose DMP Desktop holds nothing: PURGE=1 erases it.
param([Parameter(Mandatory = $true)][string]$Msi)
$ErrorActionPreference = "Stop"
Set-StrictMode -Version Latest
$Program = Join-Path $env:LOCALAPPDATA "Programs\DMP Desktop"
$Data = Join-Path $env:LOCALAPPDATA "DMP Desktop"
$Scheme = "HKCU:\Software\Classes\dmp-desktop"
$Entry = Join-Path $env:APPDATA "Microsoft\Windows\Start Menu\Programs\DMP Desktop.lnk"
if (Test-Path $Data) { throw "Ce compte a déjà des données de DMP Desktop : rien n'est essayé ici." }

function Assert([bool]$True, [string]$Otherwise) { if (-not $True) { throw $Otherwise } }
function Invoke-Msi([string[]]$Arguments) {
    $process = Start-Process msiexec.exe -ArgumentList ($Arguments + "/qn") -Wait -PassThru
    Assert ($process.ExitCode -eq 0) "msiexec $Arguments : $($process.ExitCode)"
}
function Get-Autostart {
    $run = Get-ItemProperty "HKCU:\Software\Microsoft\Windows\CurrentVersion\Run"
    return $run.PSObject.Properties.Name -contains "DMP Desktop"
}

Invoke-Msi @("/i", "`"$Msi`"")
foreach ($path in $Program, $Scheme, $Entry) { Assert (Test-Path $path) "Absent après installation : $path" }
Assert (-not (Get-Autostart)) "Démarrage automatique posé sans avoir été demandé"

$Out = Join-Path $env:TEMP "dmp-desktop-essai"
Start-Process (Join-Path $Program "dmp-desktop.exe") -ArgumentList "demo", "--headless", "--out", "`"$Out`"" -Wait
$steps = (Get-Content -Raw (Join-Path $Out "report.json") | ConvertFrom-Json).steps
$failed = @($steps | Where-Object { -not $_.ok })
Assert (($steps.Count -gt 15) -and ($failed.Count -eq 0)) "Démonstration : $($failed | ConvertTo-Json -Compress)"

& (Join-Path $Program "dmp.exe") outbox list --json
Assert ($LASTEXITCODE -eq 0) "dmp outbox list : $LASTEXITCODE"
Invoke-Msi @("/x", "`"$Msi`"")
foreach ($path in $Program, $Scheme, $Entry) { Assert (-not (Test-Path $path)) "Resté après désinstallation : $path" }
Assert (Test-Path (Join-Path $Data "boite-envoi.db")) "La désinstallation a touché aux données"

Invoke-Msi @("/i", "`"$Msi`"", "AUTOSTART=1")
Assert (Get-Autostart) "AUTOSTART=1 n'a rien posé"
Invoke-Msi @("/x", "`"$Msi`"", "PURGE=1")
Assert (-not (Get-Autostart)) "Le démarrage automatique est resté"
Assert (-not (Test-Path $Data)) "PURGE=1 a laissé le dossier des données"
Write-Host "Installation, démonstration, désinstallation : rien à redire."
